/** The empty view state, and the look-ups every fold and view shares. */
import type { CellView, StageView, ViewState } from './state.ts';

export function createViewState(boot: string): ViewState {
  return {
    boot,
    seq: 0,
    executors: new Map(),
    jobs: new Map(),
    stages: new Map(),
    stageAttempts: new Map(),
    retired: { jobs: 0, stages: 0 },
    cached: new Map(),
    rddNames: new Map(),
    faults: new Map(),
    taskRows: 0,
    kernel: { status: 'none', since: 0 },
    cellOrder: [],
    cells: new Map(),
    bin: new Map(),
    stashed: [],
    history: {},
    queue: [],
    alsoRun: [],
    version: 0,
  };
}

/** Of thousands of tasks in a row: a text that is made anew is hashed anew when it is looked up. */
let lastKey = { stageId: -1, attempt: -1, key: '' };

export function stageKey(stageId: number, attempt: number): string {
  if (stageId !== lastKey.stageId || attempt !== lastKey.attempt)
    lastKey = { stageId, attempt, key: `${stageId}.${attempt}` };
  return lastKey.key;
}

/** A cell of the document, or one in the bin: what still arrives for it finds it there. */
export function findCell(state: ViewState, cellId: string): CellView | undefined {
  return state.cells.get(cellId) ?? state.bin.get(cellId)?.cell;
}

/** Every cell whose events still count, those in the bin too. */
export function* allCells(state: ViewState): Iterable<CellView> {
  yield* state.cells.values();
  for (const { cell } of state.bin.values()) yield cell;
}

/** The latest attempt of a stage. */
export function latestStage(state: ViewState, stageId: number): StageView | undefined {
  const attempt = state.stageAttempts.get(stageId);
  return attempt === undefined ? undefined : state.stages.get(stageKey(stageId, attempt));
}
