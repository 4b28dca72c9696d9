/** What was broken on purpose, and why partitions are computed again, in words. Pure; page and history say the same. */
import type { Fault, Recomputation, RecomputeCause, Slowness, TaskPlace } from '../fault-protocol.ts';
import type { ExecutorView, FaultView, StageView } from './state.ts';

/** What the words are made from: a view, or a published picture of one. */
export interface FaultSources {
  faults: ReadonlyMap<number, FaultView>;
  executors: ReadonlyMap<string, { removedReason?: string }>;
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** "takes 10 times as long", "begins 5 s later" */
function slownessWords(slowness: Slowness): string {
  if ('factor' in slowness) return `takes ${slowness.factor} times as long`;
  const seconds = slowness.delay / 1_000;
  return `begins ${seconds} s later`;
}

/** "from the page", "from the page by Ada" */
const origin = ({ by }: { by?: string }) => `from the page${by === undefined ? '' : ` by ${by}`}`;

/**
 * One sentence without its full stop: what was done. `stageId`: of a slowed partition, the stage of the same call that
 * is the latest now.
 */
export function faultWords({ fault, blocks, ...view }: FaultView, stageId?: number): string {
  const from = origin(view);
  const { executorId, rddName } = view;
  const writer = executorId === undefined ? '' : `, written by executor ${executorId},`;
  switch (fault.kind) {
    case 'killExecutor':
      return `Executor ${fault.executorId} was killed ${from}`;
    case 'dropBlock':
      return `Block of map partition ${fault.partition} of stage ${fault.stageId}${writer} was dropped ${from}`;
    case 'corruptBlock':
      return `Block of map partition ${fault.partition} of stage ${fault.stageId}${writer} was corrupted ${from}`;
    case 'dropExecutorBlocks':
      return `${counted(blocks ?? 0, 'block')} of executor ${fault.executorId} ${blocks === 1 ? 'was' : 'were'} dropped ${from}`;
    case 'dropCached': {
      const rdd = `RDD ${fault.rddId}${rddName === undefined ? '' : ` (${rddName})`}`;
      const holder = executorId === undefined ? '' : `, held by executor ${executorId},`;
      return `Cached partition ${fault.partition} of ${rdd}${holder} was dropped ${from}`;
    }
    case 'slowPartition':
      return `Partition ${fault.partition} of stage ${stageId ?? fault.stageId} ${slownessWords(fault.slowness)}, slowed ${from}`;
    default:
      fault satisfies never;
      return `Something was broken ${from}`;
  }
}

/** The same of a slowed partition that is slowed no more. */
export function clearedWords({ fault, clearedBy }: FaultView, stageId?: number): string | undefined {
  if (fault.kind !== 'slowPartition') return undefined;
  const by = clearedBy === undefined ? '' : ` by ${clearedBy}`;
  return `Partition ${fault.partition} of stage ${stageId ?? fault.stageId} was let go${by}`;
}

/** As said of a block in passing: "dropped from the page", or how its reader found it. */
function damageWords(sources: FaultSources, faultId: number | undefined, otherwise: string): string {
  const view = faultId === undefined ? undefined : sources.faults.get(faultId);
  if (!view) return faultId === undefined ? otherwise : 'on purpose, from the page';
  const verb: { [K in Fault['kind']]: string } = {
    killExecutor: 'killed',
    dropBlock: 'dropped',
    dropExecutorBlocks: 'dropped',
    corruptBlock: 'corrupted',
    dropCached: 'dropped',
    slowPartition: 'slowed',
  };
  return `${verb[view.fault.kind]} ${origin(view)}`;
}

const isCorruption = ({ faults }: FaultSources, faultId: number | undefined) =>
  faultId !== undefined && faults.get(faultId)?.fault.kind === 'corruptBlock';

const place = ({ stageId, partition }: TaskPlace) => `stage ${stageId} partition ${partition}`;

/** Whose blocks it was that had to go: `of executor 4`. */
const ownerWords = ({ of, executorId }: Extract<RecomputeCause, { code: 'MAP_OUTPUT_SUSPECTED' }>) =>
  of === 'executor' ? `of executor ${executorId}` : 'of the same shuffle';

/** How a cached partition went away with its executor, or by what else. */
function goneWords(
  sources: FaultSources,
  { executorId, reason, faultId }: Extract<RecomputeCause, { code: 'CACHED_BLOCK_LOST' }>,
): string {
  if (faultId !== undefined) return damageWords(sources, faultId, reason);
  if (sources.executors.get(executorId)?.removedReason !== reason) return reason;
  const killed = killOf(sources.faults, executorId);
  return `with executor ${executorId}: ${killed ? `killed ${origin(killed)}` : reason}`;
}

/** Who killed it, where somebody did from the page. */
function killOf(faults: FaultSources['faults'], executorId: string): FaultView | undefined {
  for (const view of faults.values())
    if (view.fault.kind === 'killExecutor' && view.fault.executorId === executorId) return view;
  return undefined;
}

/** Why an executor is no more, "gone: killed from the page by Ada"; undefined of one that lives, or ended with its kernel. */
export function executorGone(
  { faults }: Pick<FaultSources, 'faults'>,
  executor: Pick<ExecutorView, 'executorId' | 'removedReason' | 'removedCode'> | undefined,
): string | undefined {
  const { removedReason: reason, removedCode: code } = executor ?? {};
  if (!executor || reason === undefined || code === undefined || code === 'shutdown') return undefined;
  const killed = killOf(faults, executor.executorId);
  return `gone: ${killed ? `killed ${origin(killed)}` : reason}`;
}

/** The fault that a loss is put down to: one of its own, or the end of the executor that held what was lost. */
export function faultOf(sources: FaultSources, cause: RecomputeCause): number | undefined {
  if ('faultId' in cause && cause.faultId !== undefined) return cause.faultId;
  if (cause.code !== 'CACHED_BLOCK_LOST') return undefined;
  const { executorId, reason } = cause;
  if (sources.executors.get(executorId)?.removedReason !== reason) return undefined;
  return killOf(sources.faults, executorId)?.faultId;
}

/** The reason alone, without what it is the reason of, for causes that only tell partitions apart. */
function causeWords(sources: FaultSources, causes: readonly RecomputeCause[], several: boolean): string {
  const [cause] = causes as [RecomputeCause];
  const its = several ? 'their map outputs were' : 'its map output was';
  switch (cause.code) {
    case 'MAP_OUTPUT_LOST': {
      const how = damageWords(sources, cause.faultId, cause.message);
      return isCorruption(sources, cause.faultId)
        ? `${its} damaged (${how}), which the checksum showed; ${place(cause.reader)} could not read ${several ? 'them' : 'it'}`
        : `${its} lost (${how}); ${place(cause.reader)} could not read ${several ? 'them' : 'it'}`;
    }
    case 'MAP_OUTPUT_SUSPECTED': {
      const { reader, faultId } = cause;
      const found = `attempt ${reader.stageAttempt + 1} of ${place(reader)} could not read another one ${ownerWords(cause)}`;
      if (faultId === undefined) return `${found}, so ${several ? 'these are' : 'this one is'} not trusted`;
      const what = isCorruption(sources, faultId) ? 'damaged' : 'lost';
      return `${its} ${what} (${damageWords(sources, faultId, '')}); ${found}`;
    }
    case 'INPUT_LOST': {
      const { reader, mapPartition, sourceStageId, faultId, message } = cause;
      const what = isCorruption(sources, faultId) ? 'damaged' : 'lost';
      return (
        `attempt ${reader.stageAttempt + 1} of the stage ended when partition ${reader.partition} could not read map partition ` +
        `${mapPartition} of stage ${sourceStageId}, which was ${what} (${damageWords(sources, faultId, message)})`
      );
    }
    case 'CACHED_BLOCK_LOST': {
      const { rddId, rddName } = cause;
      const cached = causes.map((one) => ('rddPartition' in one ? one.rddPartition : 0));
      const were = cached.length === 1 ? 'was' : 'were';
      return `${partitionWords(cached)} of the cached RDD ${rddId} (${rddName}) ${were} lost (${goneWords(sources, cause)})`;
    }
    case 'OTHER_ROWS':
      return `map partition ${cause.mapPartition} of stage ${cause.sourceStageId} came out with other rows when it was computed again`;
    default:
      cause satisfies never;
      return 'something it needs was lost';
  }
}

/** Whether rows are really made a second time, or the task only starts again because others of its stage failed. */
export function isRecomputed({ code }: RecomputeCause): boolean {
  return code !== 'INPUT_LOST';
}

/** Why a task of this partition, launched then, computes what was there before. */
export function causeOf(
  stage: StageView,
  partition: number,
  launchTime = Number.POSITIVE_INFINITY,
): RecomputeCause | undefined {
  const isOf = ({ partitions, since = 0 }: Recomputation) =>
    launchTime >= since && partitions.includes(partition);
  return stage.recomputes?.find(isOf)?.cause;
}

/** Why the task of this partition runs in this attempt although it, or what it reads, was there before. One sentence. */
export function taskReason(
  sources: FaultSources,
  stage: StageView,
  partition: number,
  launchTime?: number,
): string | undefined {
  const cause = causeOf(stage, partition, launchTime);
  if (!cause) return undefined;
  const again = isRecomputed(cause) ? 'computed again' : 'tried again';
  return `Stage ${stage.info.stageId} partition ${partition} ${again}: ${causeWords(sources, [cause], false)}`;
}

/** How many partitions of this attempt are computed again because something was lost. */
export function recomputedCount({ recomputes }: StageView): number {
  let count = 0;
  for (const { partitions, cause } of recomputes ?? []) if (isRecomputed(cause)) count += partitions.length;
  return count;
}

const LISTED_PARTITIONS = 8;

/** "partition 3", "partitions 1, 4 and 6", "partitions 0, 1, 2, 3, 4, 5, 6, 7 and 12 more" */
export function partitionWords(partitions: readonly number[]): string {
  const [first] = partitions;
  if (partitions.length === 1) return `partition ${first}`;
  if (partitions.length > LISTED_PARTITIONS) {
    const rest = partitions.length - LISTED_PARTITIONS;
    return `partitions ${partitions.slice(0, LISTED_PARTITIONS).join(', ')} and ${rest} more`;
  }
  return `partitions ${partitions.slice(0, -1).join(', ')} and ${partitions.at(-1)}`;
}

/** Equal for causes that are told in one sentence: they differ in nothing but the partition that was lost. */
function kindOf(cause: RecomputeCause): string {
  if (cause.code !== 'CACHED_BLOCK_LOST') return JSON.stringify(cause);
  const { rddPartition: _, ...rest } = cause;
  return JSON.stringify(rest);
}

/** One sentence for each cause of this attempt; the losses that go back to one event share theirs. */
export function stageReasons(sources: FaultSources, stage: StageView): string[] {
  const groups = new Map<string, { partitions: number[]; causes: RecomputeCause[] }>();
  for (const { partitions, cause } of stage.recomputes ?? []) {
    const kind = kindOf(cause);
    const group = groups.get(kind);
    if (!group) groups.set(kind, { partitions: [...partitions], causes: [cause] });
    else {
      group.partitions.push(...partitions);
      group.causes.push(cause);
    }
  }
  return [...groups.values()].map(({ partitions, causes }) => {
    const again = isRecomputed(causes[0]!) ? 'computed again' : 'tried again';
    const words = causeWords(sources, causes, partitions.length > 1);
    return `Stage ${stage.info.stageId} ${partitionWords(partitions)} ${again}: ${words}`;
  });
}
