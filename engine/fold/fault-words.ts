/** What was broken on purpose, and why partitions are computed again, in words. Pure; page and history say the same. */
import type { Fault, RecomputeCause, Slowness, TaskPlace } from '../fault-protocol.ts';
import type { FaultView, StageView } from './state.ts';

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
  switch (fault.kind) {
    case 'killExecutor':
      return `Executor ${fault.executorId} was killed ${from}`;
    case 'dropBlock':
      return `Block of map partition ${fault.partition} of stage ${fault.stageId} was dropped ${from}`;
    case 'corruptBlock':
      return `Block of map partition ${fault.partition} of stage ${fault.stageId} was corrupted ${from}`;
    case 'dropExecutorBlocks':
      return `${counted(blocks ?? 0, 'block')} of executor ${fault.executorId} ${blocks === 1 ? 'was' : 'were'} dropped ${from}`;
    case 'dropCached':
      return `Cached partition ${fault.partition} of RDD ${fault.rddId} was dropped ${from}`;
    case 'slowPartition':
      return `Partition ${fault.partition} of stage ${stageId ?? fault.stageId} ${slownessWords(fault.slowness)}, slowed ${from}`;
    default:
      fault satisfies never;
      return `Something was broken ${from}`;
  }
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

/** The reason alone, without what it is the reason of. */
function causeWords(sources: FaultSources, cause: RecomputeCause): string {
  switch (cause.code) {
    case 'MAP_OUTPUT_LOST': {
      const how = damageWords(sources, cause.faultId, cause.message);
      return isCorruption(sources, cause.faultId)
        ? `its map output was damaged (${how}), which its checksum showed; ${place(cause.reader)} could not read it`
        : `its map output was lost (${how}); ${place(cause.reader)} could not read it`;
    }
    case 'MAP_OUTPUT_SUSPECTED': {
      const others = cause.of === 'executor' ? `of executor ${cause.executorId}` : 'of the same shuffle';
      return `other map outputs ${others} could not be read again and again, last by ${place(cause.reader)}, so this one is not trusted`;
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
      const { rddId, rddName, rddPartition, executorId, reason, faultId } = cause;
      const executor = sources.executors.get(executorId)?.removedReason;
      const gone = executor === undefined ? reason : `with executor ${executorId}: ${executor}`;
      return `partition ${rddPartition} of the cached RDD ${rddId} (${rddName}) was lost (${damageWords(sources, faultId, gone)})`;
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

export function causeOf(stage: StageView, partition: number): RecomputeCause | undefined {
  return stage.recomputes?.find(({ partitions }) => partitions.includes(partition))?.cause;
}

/** Why the task of this partition runs in this attempt although it, or what it reads, was there before. One sentence. */
export function taskReason(sources: FaultSources, stage: StageView, partition: number): string | undefined {
  const cause = causeOf(stage, partition);
  if (!cause) return undefined;
  const again = isRecomputed(cause) ? 'computed again' : 'tried again';
  return `Stage ${stage.info.stageId} partition ${partition} ${again}: ${causeWords(sources, cause)}`;
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

/** One sentence for each cause of this attempt. */
export function stageReasons(sources: FaultSources, stage: StageView): string[] {
  return (stage.recomputes ?? []).map(({ partitions, cause }) => {
    const again = isRecomputed(cause) ? 'computed again' : 'tried again';
    return `Stage ${stage.info.stageId} ${partitionWords(partitions)} ${again}: ${causeWords(sources, cause)}`;
  });
}
