/** The immutable picture of a ViewState that React renders: what did not change keeps its identity. */
import type {
  BinnedCell,
  CachedPartitionView,
  CellView,
  ExecutorView,
  FaultView,
  JobView,
  StageView,
  ViewState,
} from '../../engine/fold/state.ts';

export interface PublishedView {
  version: number;
  application: ViewState['application'];
  kernel: ViewState['kernel'];
  notebook: ViewState['notebook'];
  cellOrder: readonly string[];
  cells: ReadonlyMap<string, CellView>;
  jobs: ReadonlyMap<number, JobView>;
  stages: ReadonlyMap<string, StageView>;
  executors: ReadonlyMap<string, ExecutorView>;
  variables: ViewState['variables'];
  /** Where partitions are cached, by RDD. */
  cached: ReadonlyMap<number, CachedPartitions>;
  /** What was broken on purpose, the oldest first. */
  faults: ReadonlyMap<number, FaultView>;
  bin: readonly BinnedCell[];
  history: ViewState['history'];
  queue: ViewState['queue'];
  alsoRun: ViewState['alsoRun'];
}

export type CachedPartitions = ReadonlyMap<number, CachedPartitionView>;

const sameCell = (a: CellView, b: CellView) => a.version === b.version;

const sameJob = (a: JobView, b: JobView) =>
  a.status === b.status &&
  a.endedAt === b.endedAt &&
  a.stageIds.length === b.stageIds.length &&
  a.skippedStageIds.length === b.skippedStageIds.length &&
  a.description === b.description &&
  a.waited === b.waited &&
  a.startedAt === b.startedAt;

/** The fold replaces what it adds to of a stage, so that these are compared by identity. */
const sameStage = (a: StageView, b: StageView) =>
  a.status === b.status &&
  a.info === b.info &&
  a.pool === b.pool &&
  a.speculated === b.speculated &&
  a.excludedExecutors === b.excludedExecutors &&
  a.adaptive === b.adaptive &&
  a.accumulables === b.accumulables &&
  a.recomputes === b.recomputes &&
  a.progress.version === b.progress.version &&
  a.submittedAt === b.submittedAt &&
  a.completedAt === b.completedAt &&
  a.jobIds.length === b.jobIds.length &&
  a.reason === b.reason &&
  a.failureReason === b.failureReason;

function shallowEqual<T extends object>(a: T, b: T): boolean {
  const keys = Object.keys(b) as (keyof T)[];
  return Object.keys(a).length === keys.length && keys.every((key) => Object.is(a[key], b[key]));
}

function shareObject<T extends object>(previous: T | undefined, next: T | undefined): T | undefined {
  if (!next) return undefined;
  return previous && shallowEqual(previous, next) ? previous : { ...next };
}

function shareMap<K, V extends object>(
  previous: ReadonlyMap<K, V> | undefined,
  next: ReadonlyMap<K, V>,
  same: (a: V, b: V) => boolean,
  copy: (value: V) => V,
): ReadonlyMap<K, V> {
  let changed = previous?.size !== next.size;
  const shared = new Map<K, V>();
  for (const [key, value] of next) {
    const before = previous?.get(key);
    if (before && same(before, value)) shared.set(key, before);
    else {
      shared.set(key, copy(value));
      changed = true;
    }
  }
  return changed || !previous ? shared : previous;
}

/** The fold replaces a block's entry whenever it tells of it. */
const samePartitions = (a: CachedPartitions, b: CachedPartitions) => {
  if (a.size !== b.size) return false;
  for (const [partition, block] of b) if (a.get(partition) !== block) return false;
  return true;
};

const copyCell = (cell: CellView): CellView => ({
  ...cell,
  outputs: [...cell.outputs],
  jobIds: [...cell.jobIds],
});
const copyJob = (job: JobView): JobView => ({
  ...job,
  stageIds: [...job.stageIds],
  skippedStageIds: [...job.skippedStageIds],
  skippedReasons: { ...job.skippedReasons },
});
const copyStage = (stage: StageView): StageView => ({
  ...stage,
  jobIds: [...stage.jobIds],
  progress: { ...stage.progress, totals: { ...stage.progress.totals } },
});

function shareBin(previous: readonly BinnedCell[] | undefined, bin: ViewState['bin']): readonly BinnedCell[] {
  const now = [...bin.values()];
  const same = previous?.length === now.length && now.every((binned, i) => binned === previous[i]);
  return same ? previous : now;
}

export function publishView(previous: PublishedView | undefined, view: ViewState): PublishedView {
  if (previous?.version === view.version) return previous;
  const sameOrder =
    previous?.cellOrder.length === view.cellOrder.length &&
    previous.cellOrder.every((cellId, index) => cellId === view.cellOrder[index]);
  return {
    version: view.version,
    application: shareObject(previous?.application, view.application),
    kernel: shareObject(previous?.kernel, view.kernel)!,
    notebook: shareObject(previous?.notebook, view.notebook),
    cellOrder: sameOrder ? previous.cellOrder : [...view.cellOrder],
    cells: shareMap(previous?.cells, view.cells, sameCell, copyCell),
    jobs: shareMap(previous?.jobs, view.jobs, sameJob, copyJob),
    stages: shareMap(previous?.stages, view.stages, sameStage, copyStage),
    bin: shareBin(previous?.bin, view.bin),
    history: shareObject(previous?.history, view.history)!,
    queue: view.queue.length === 0 && previous?.queue.length === 0 ? previous.queue : [...view.queue],
    alsoRun: view.alsoRun,
    executors: shareMap(previous?.executors, view.executors, shallowEqual, (executor) => ({ ...executor })),
    variables: view.variables,
    faults: shareMap(previous?.faults, view.faults, Object.is, (fault) => fault),
    cached: shareMap(previous?.cached, view.cached, samePartitions, (partitions) => new Map(partitions)),
  };
}
