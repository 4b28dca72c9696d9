/** A stored view read back: the whole as it was written, and what happened since. */
import { fold } from '../engine/fold/fold.ts';
import { fromSnapshot, toSnapshot } from '../engine/fold/snapshot.ts';
import type { BinnedCell, ViewState } from '../engine/fold/state.ts';
import type { StagelightEvent } from '../engine/protocol.ts';
import { isStoredOutput, storedVariables } from './stored-outputs.ts';

/** The view that the text of an outputs file tells; undefined when there is none that this version can read. */
export function readView(text: string): ViewState | undefined {
  try {
    const [first, ...lines] = text.split('\n');
    const whole = parsed(first!);
    // Earlier versions wrote the whole alone, on as many lines as they liked.
    let view = viewOf(whole ?? JSON.parse(text));
    if (!view || whole === undefined) return view;
    for (const line of lines) for (const event of eventsOf(line)) fold(view, event);
    // What came in by events is as little to be trusted as the rest.
    if (lines.length > 1) view = viewOf(JSON.parse(JSON.stringify(toSnapshot(view))));
    return view;
  } catch {
    return undefined;
  }
}

function viewOf(snapshot: ReturnType<typeof JSON.parse>): ViewState | undefined {
  snapshot.variables = storedVariables(snapshot.variables);
  const holders = [snapshot.cells, snapshot.bin?.map(({ cell }: BinnedCell) => cell), snapshot.stashed];
  for (const holder of holders.flatMap((list) => list ?? []))
    holder.outputs = Array.isArray(holder.outputs) ? holder.outputs.filter(isStoredOutput) : [];
  if (typeof snapshot.kernel?.status !== 'string') return undefined;
  const view = fromSnapshot(snapshot);
  // What cannot be copied now would fail when a viewer joins.
  toSnapshot(view);
  return view;
}

/** A line that the server did not finish was never shown to anyone. */
function eventsOf(line: string): StagelightEvent[] {
  const events = parsed(line);
  return Array.isArray(events) ? events.filter(isStored) : [];
}

function isStored(event: StagelightEvent | null): event is StagelightEvent {
  if (typeof event?.type !== 'string') return false;
  return event.type !== 'cellOutput' || isStoredOutput(event.output);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
