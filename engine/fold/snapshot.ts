/** A view state as JSON-safe data, without task columns, and back. */
import { StagelightError } from '../errors.ts';
import type { RddDescription } from '../protocol.ts';
import { trimOutputs } from './cell-outputs.ts';
import { copyProgress } from './progress.ts';
import type {
  BinnedCell,
  CachedPartitionView,
  CellView,
  ExecutorView,
  FaultView,
  JobView,
  StageView,
  StashedOutputs,
  VariableView,
  ViewState,
} from './state.ts';
import { createViewState } from './view-state.ts';

const SNAPSHOT_FORMAT = 'stagelight-view';
export const SNAPSHOT_VERSION = 1;
/** Characters of output in one snapshot; past it the largest cells give up the middle of theirs. */
const MAX_OUTPUT_TOTAL = 8_000_000;

export interface Snapshot {
  format: typeof SNAPSHOT_FORMAT;
  version: number;
  boot: string;
  seq: number;
  stateVersion: number;
  application?: ViewState['application'];
  notebook?: ViewState['notebook'];
  kernel: ViewState['kernel'];
  retired: ViewState['retired'];
  executors: ExecutorView[];
  jobs: JobView[];
  stages: Omit<StageView, 'tasks'>[];
  cached: [number, [number, CachedPartitionView][]][];
  rddNames: [number, string][];
  /** Absent in snapshots of before faults were events. */
  faults?: FaultView[];
  /** Absent in snapshots of before there were any. */
  variables?: { list: VariableView[]; rdds: RddDescription[]; total: number; version: number };
  cellOrder: string[];
  cells: CellView[];
  bin: BinnedCell[];
  stashed: StashedOutputs[];
  history: ViewState['history'];
  queue: ViewState['queue'];
  alsoRun: ViewState['alsoRun'];
}

/** Copies all that the fold may change later; what events brought in is shared. */
export function toSnapshot(state: ViewState, maxOutputTotal = MAX_OUTPUT_TOTAL): Snapshot {
  const cap = outputCap(state, maxOutputTotal);
  const snapshot: Snapshot = {
    format: SNAPSHOT_FORMAT,
    version: SNAPSHOT_VERSION,
    boot: state.boot,
    seq: state.seq,
    stateVersion: state.version,
    kernel: { ...state.kernel },
    retired: { ...state.retired },
    executors: [...state.executors.values()].map((executor) => ({ ...executor })),
    jobs: [...state.jobs.values()].map((job) => ({
      ...job,
      stageIds: [...job.stageIds],
      skippedStageIds: [...job.skippedStageIds],
      skippedReasons: { ...job.skippedReasons },
    })),
    stages: [...state.stages.values()].map((stage) => {
      const { tasks: _tasks, ...view } = stage;
      return { ...view, jobIds: [...stage.jobIds], progress: copyProgress(stage.progress) };
    }),
    cached: [...state.cached].map(([rddId, blocks]) => [
      rddId,
      [...blocks].map(([partition, block]) => [partition, { ...block }]),
    ]),
    rddNames: [...state.rddNames],
    faults: [...state.faults.values()],
    cellOrder: [...state.cellOrder],
    cells: [...state.cells.values()].map((cell) => copyCell(cell, cap)),
    bin: [...state.bin.values()].map((binned) => ({ ...binned, cell: copyCell(binned.cell, cap) })),
    stashed: [...state.stashed],
    history: { ...state.history },
    queue: [...state.queue],
    alsoRun: [...state.alsoRun],
  };
  if (state.application) snapshot.application = { ...state.application };
  if (state.variables) {
    const { byName, rdds, total, version } = state.variables;
    snapshot.variables = { list: [...byName.values()], rdds: [...rdds.values()], total, version };
  }
  if (state.notebook) snapshot.notebook = { ...state.notebook };
  return snapshot;
}

function copyCell(cell: CellView, cap: number): CellView {
  const { outputs, outputDropped, outputSize } = cell;
  return {
    ...cell,
    ...trimOutputs({ outputs: [...outputs], outputDropped, outputSize }, cap),
    jobIds: [...cell.jobIds],
  };
}

/** Takes over the snapshot's objects: pass freshly parsed JSON. */
export function fromSnapshot(json: unknown): ViewState {
  const snapshot = checked(json);
  const state = createViewState(snapshot.boot);
  state.seq = snapshot.seq;
  state.version = snapshot.stateVersion;
  state.kernel = snapshot.kernel;
  state.retired = snapshot.retired;
  if (snapshot.application) state.application = snapshot.application;
  if (snapshot.notebook) state.notebook = snapshot.notebook;
  if (snapshot.variables) {
    const { list, rdds, total, version } = snapshot.variables;
    state.variables = {
      byName: new Map(list.map((variable) => [variable.name, variable])),
      rdds: new Map(rdds.map((rdd) => [rdd.rddId, rdd])),
      total,
      version,
    };
  }
  for (const executor of snapshot.executors) state.executors.set(executor.executorId, executor);
  for (const job of snapshot.jobs) state.jobs.set(job.jobId, job);
  for (const stage of snapshot.stages) {
    state.stages.set(stage.key, stage);
    const { stageId, attempt } = stage.info;
    state.stageAttempts.set(stageId, Math.max(attempt, state.stageAttempts.get(stageId) ?? 0));
  }
  for (const [rddId, blocks] of snapshot.cached) state.cached.set(rddId, new Map(blocks));
  for (const [rddId, name] of snapshot.rddNames) state.rddNames.set(rddId, name);
  for (const fault of snapshot.faults ?? []) state.faults.set(fault.faultId, fault);
  state.cellOrder = snapshot.cellOrder;
  for (const cell of snapshot.cells) state.cells.set(cell.cellId, cell);
  // Outputs written before there was a bin have none of these.
  for (const binned of snapshot.bin ?? []) state.bin.set(binned.cell.cellId, binned);
  state.stashed = snapshot.stashed ?? [];
  state.history = snapshot.history ?? {};
  state.queue = snapshot.queue ?? [];
  state.alsoRun = snapshot.alsoRun ?? [];
  return state;
}

function checked(json: unknown): Snapshot {
  const snapshot = (typeof json === 'object' && json !== null ? json : {}) as Partial<Snapshot>;
  if (snapshot.format !== SNAPSHOT_FORMAT) {
    throw new StagelightError('SNAPSHOT_FORMAT', 'this is not a Stagelight view snapshot', {
      hint: 'Reload the page; if this persists, the server and the page are of different products.',
    });
  }
  if (snapshot.version !== SNAPSHOT_VERSION) {
    throw new StagelightError(
      'SNAPSHOT_VERSION',
      `this view snapshot has format version ${snapshot.version}; this program reads version ${SNAPSHOT_VERSION}`,
      { hint: 'Reload the page, or open it with the version of Stagelight that wrote it.' },
    );
  }
  return snapshot as Snapshot;
}

/** The largest size per cell with which all cells together stay within the total. */
function outputCap(state: ViewState, maxOutputTotal: number): number {
  const sizes = [...state.cells.values()].map((cell) => cell.outputSize).sort((a, b) => a - b);
  let left = maxOutputTotal;
  for (let i = 0; i < sizes.length; i++) {
    const share = left / (sizes.length - i);
    const size = sizes[i] as number;
    if (size > share) return Math.floor(share);
    left -= size;
  }
  return Infinity;
}
