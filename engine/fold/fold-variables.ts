/** The notebook's variables as the kernel last told; those of a kernel that ended stay, as gone. */
import type { EventOf } from './event-of.ts';
import type { VariableView, ViewState } from './state.ts';

export function foldVariables(state: ViewState, event: EventOf<'variables'>): void {
  const before = state.variables;
  const byName = new Map(before?.byName);
  for (const name of event.removed) byName.delete(name);
  for (const info of event.changed) byName.set(info.name, info);
  state.variables = {
    byName,
    rdds: event.rdds ? new Map(event.rdds.map((rdd) => [rdd.rddId, rdd])) : (before?.rdds ?? new Map()),
    total: event.total,
    version: (before?.version ?? 0) + 1,
  };
}

/** The kernel is another one, or none: its values went with it. What was gone before is forgotten. */
export function loseVariables(state: ViewState): void {
  const before = state.variables;
  if (!before || before.total === 0) return;
  const byName = new Map<string, VariableView>();
  for (const [name, variable] of before.byName) {
    if (!variable.gone) byName.set(name, { ...variable, gone: true });
  }
  state.variables = { byName, rdds: new Map(), total: 0, version: before.version + 1 };
}
