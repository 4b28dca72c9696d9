/** What can be broken at a place of the execution panel: the items of its menu. Pure. */
import type { Fault, Slowness } from '../../engine/fault-protocol.ts';
import type { FaultView, StageView } from '../../engine/fold/state.ts';

/** The place a menu was opened on. */
export type FaultTarget =
  | { kind: 'stage'; stageKey: string }
  | { kind: 'task'; stageKey: string; partition: number; executorId?: string }
  | { kind: 'executor'; executorId: string };

/** What the items depend on: part of a published view. */
export interface FaultFacts {
  stages: ReadonlyMap<string, StageView>;
  executors: ReadonlyMap<string, { removedAt?: number }>;
  cached: ReadonlyMap<number, ReadonlyMap<number, unknown>>;
  faults: ReadonlyMap<number, FaultView>;
}

/** A fault whose partition, or slowness, is still to be asked for. */
export interface FaultForm {
  title: string;
  confirm: string;
  stageId: number;
  /** Partitions count from 0. */
  partitions: number;
  /** Fixed when the menu was opened on a task. */
  partition?: number;
  kind: 'dropBlock' | 'corruptBlock' | 'slowPartition';
}

export type FaultItem = { label: string } & (
  | { act: 'inject'; fault: Fault }
  | { act: 'ask'; form: FaultForm }
  | { act: 'clear' }
);

/** Partitions of the whole stage, of which a later attempt computes only what is missing. */
export function stagePartitions({ info }: StageView): number {
  const whole = info.kind === 'shuffleMap' ? (info.rdds.at(-1)?.numPartitions ?? 0) : 0;
  return Math.max(whole, info.numTasks);
}

/** Groups of items, for lines between them; what would only be refused is left out. */
export function faultItems(target: FaultTarget, facts: FaultFacts): FaultItem[][] {
  const slowed = [...facts.faults.values()].some(isSlowing);
  const clear: FaultItem[] = slowed ? [{ act: 'clear', label: 'Let every slowed partition go' }] : [];
  if (target.kind === 'executor') return kept([executorItems(target.executorId, facts), clear]);
  const stage = facts.stages.get(target.stageKey);
  if (!stage) return kept([clear]);
  if (target.kind === 'stage') return kept([stageItems(stage), clear]);
  const { partition, executorId } = target;
  const slow: FaultItem = { act: 'ask', label: 'Slow this partition…', form: slowForm(stage, partition) };
  return kept([
    [...blockItems(stage, partition), ...cachedItems(stage, partition, facts)],
    [slow, ...clear],
    executorId !== undefined && isAlive(executorId, facts) ? [killItem(executorId)] : [],
  ]);
}

const kept = (groups: FaultItem[][]) => groups.filter((group) => group.length > 0);

/** As the menu is called: "Stage 1, partition 3". */
export function targetTitle(target: FaultTarget): string {
  if (target.kind === 'executor') return `Executor ${target.executorId}`;
  const stage = `Stage ${target.stageKey.split('.')[0]}`;
  return target.kind === 'stage' ? stage : `${stage}, partition ${target.partition}`;
}

export const isSlowing = ({ fault, clearedAt }: FaultView): boolean =>
  fault.kind === 'slowPartition' && clearedAt === undefined;

/** The latest stage that a slowed partition is one of: the order holds for every later stage of the same call. */
export function slowedStageId({ fault }: FaultView, stages: FaultFacts['stages']): number | undefined {
  if (fault.kind !== 'slowPartition') return undefined;
  const all = [...stages.values()];
  const site = siteOf(all.find(({ info }) => info.stageId === fault.stageId));
  const later = all.filter(
    (stage) => stage.info.stageId > fault.stageId && site !== undefined && siteOf(stage) === site,
  );
  return Math.max(fault.stageId, ...later.map(({ info }) => info.stageId));
}

/** The order that a task of this stage was started under, if its partition was slowed then. */
export function slownessOf(
  stage: StageView,
  { partition, launchTime }: { partition: number; launchTime: number },
  { faults, stages }: Pick<FaultFacts, 'faults' | 'stages'>,
): FaultView | undefined {
  for (const view of faults.values()) {
    const { fault, time, clearedAt = Number.POSITIVE_INFINITY } = view;
    if (fault.kind !== 'slowPartition' || fault.partition !== partition) continue;
    if (launchTime < time || launchTime >= clearedAt) continue;
    const { stageId } = stage.info;
    const site = siteOf(stage);
    const first = [...stages.values()].find(({ info }) => info.stageId === fault.stageId);
    if (fault.stageId === stageId || (site !== undefined && siteOf(first) === site)) return view;
  }
  return undefined;
}

/** What the engine knows a stage by again when its call is made a second time. */
function siteOf(stage: StageView | undefined): string | undefined {
  const { kind, callSite } = stage?.info ?? {};
  if (!callSite) return undefined;
  const { cellId, file, line, column, name } = callSite;
  return JSON.stringify([kind, cellId ?? file, line, column, name]);
}

const isAlive = (executorId: string, { executors }: FaultFacts) =>
  executors.has(executorId) && executors.get(executorId)!.removedAt === undefined;

const killItem = (executorId: string): FaultItem => ({
  act: 'inject',
  label: `Kill executor ${executorId}`,
  fault: { kind: 'killExecutor', executorId },
});

function executorItems(executorId: string, facts: FaultFacts): FaultItem[] {
  return [
    ...(isAlive(executorId, facts) ? [killItem(executorId)] : []),
    {
      act: 'inject',
      label: `Drop all blocks of executor ${executorId}`,
      fault: { kind: 'dropExecutorBlocks', executorId },
    },
  ];
}

const writesBlocks = ({ info, submittedAt }: StageView) =>
  info.kind === 'shuffleMap' && submittedAt !== undefined;

function slowForm(stage: StageView, partition?: number): FaultForm {
  const { stageId } = stage.info;
  const title =
    partition === undefined
      ? `Slow a partition of stage ${stageId}`
      : `Slow partition ${partition} of stage ${stageId}`;
  const form = { title, confirm: 'Slow it', stageId, partitions: stagePartitions(stage) };
  return { ...form, kind: 'slowPartition', ...(partition !== undefined && { partition }) };
}

function stageItems(stage: StageView): FaultItem[] {
  const { stageId } = stage.info;
  const asked = (label: string, confirm: string, kind: FaultForm['kind']): FaultItem => ({
    act: 'ask',
    label: `${label}…`,
    form: {
      title: `${label} of stage ${stageId}`,
      confirm,
      stageId,
      partitions: stagePartitions(stage),
      kind,
    },
  });
  const blocks = writesBlocks(stage)
    ? [asked('Drop a block', 'Drop it', 'dropBlock'), asked('Corrupt a block', 'Corrupt it', 'corruptBlock')]
    : [];
  return [...blocks, { act: 'ask', label: 'Slow a partition…', form: slowForm(stage) }];
}

function blockItems(stage: StageView, partition: number): FaultItem[] {
  if (!writesBlocks(stage)) return [];
  const { stageId } = stage.info;
  return [
    { act: 'inject', label: 'Drop this block', fault: { kind: 'dropBlock', stageId, partition } },
    { act: 'inject', label: 'Corrupt this block', fault: { kind: 'corruptBlock', stageId, partition } },
  ];
}

/** Datasets of the stage that hold the partition of this number in a cache. */
function cachedItems(stage: StageView, partition: number, { cached }: FaultFacts): FaultItem[] {
  return stage.info.rdds.flatMap(({ rddId, name }): FaultItem[] => {
    if (!cached.get(rddId)?.has(partition)) return [];
    const label = `Drop cached partition ${partition} of RDD ${rddId} (${name})`;
    return [{ act: 'inject', label, fault: { kind: 'dropCached', rddId, partition } }];
  });
}

/** The fault that a filled form asks for. */
export function askedFault(form: FaultForm, partition: number, slowness: Slowness): Fault {
  const { stageId, kind } = form;
  return kind === 'slowPartition' ? { kind, stageId, partition, slowness } : { kind, stageId, partition };
}
