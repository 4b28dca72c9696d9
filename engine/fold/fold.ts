/** The one way state for views is made: every event, folded into a view state that the fold owns and mutates. */
import type { StagelightEvent } from '../protocol.ts';
import type { EventBatch } from '../viewer-protocol.ts';
import { foldApplicationEnd, foldApplicationStart, foldKernelStatus } from './fold-application.ts';
import { foldBlockCached, foldBlockEvicted } from './fold-blocks.ts';
import {
  foldCellAnalyzed,
  foldCellEdited,
  foldCellInserted,
  foldCellKindChanged,
  foldCellMoved,
  foldNotebookOpened,
  foldNotebookSaved,
  foldOutputsSaved,
} from './fold-cells.ts';
import {
  foldExecutorAdded,
  foldExecutorExcluded,
  foldExecutorMetrics,
  foldExecutorRemoved,
  foldExecutorUnexcluded,
} from './fold-executors.ts';
import { foldFaultInjected, foldFaultsCleared, foldPartitionsLost } from './fold-faults.ts';
import { foldJobEnd, foldJobStart, foldJobWaiting } from './fold-jobs.ts';
import type { FoldOptions } from './fold-options.ts';
import { foldCellFinished, foldCellOutput, foldCellQueued, foldCellStarted } from './fold-runs.ts';
import {
  foldAccumulated,
  foldAdaptivePlan,
  foldSpeculativeTaskSubmitted,
  foldStageCompleted,
  foldStageProgress,
  foldStageSkipped,
  foldStageSubmitted,
} from './fold-stages.ts';
import {
  foldBinTrimmed,
  foldCellCollapsed,
  foldCellDeleted,
  foldCellRestored,
  foldHistoryChanged,
  foldOutputsCleared,
  foldOutputsRestored,
  foldStalenessChanged,
} from './fold-structure.ts';
import { foldTaskEnd, foldTaskStart } from './fold-tasks.ts';
import { foldVariables } from './fold-variables.ts';
import type { ViewState } from './state.ts';

export { createViewState } from './view-state.ts';

const VIEWER: FoldOptions = {};

/** Applies one event. Deterministic: the same events on the same state give the same state, in any process. */
export function fold(state: ViewState, event: StagelightEvent, options: FoldOptions = VIEWER): void {
  state.version++;
  switch (event.type) {
    case 'applicationStart':
      foldApplicationStart(state, event);
      break;
    case 'applicationEnd':
      foldApplicationEnd(state, event);
      break;
    case 'executorAdded':
      foldExecutorAdded(state, event);
      break;
    case 'executorRemoved':
      foldExecutorRemoved(state, event);
      break;
    case 'executorMetrics':
      foldExecutorMetrics(state, event);
      break;
    case 'jobWaiting':
      foldJobWaiting(state, event, options);
      break;
    case 'jobStart':
      foldJobStart(state, event, options);
      break;
    case 'jobEnd':
      foldJobEnd(state, event);
      break;
    case 'stageSubmitted':
      foldStageSubmitted(state, event);
      break;
    case 'stageSkipped':
      foldStageSkipped(state, event);
      break;
    case 'accumulated':
      foldAccumulated(state, event);
      break;
    case 'adaptivePlan':
      foldAdaptivePlan(state, event);
      break;
    case 'stageCompleted':
      foldStageCompleted(state, event);
      break;
    case 'taskStart':
      foldTaskStart(state, event, options);
      break;
    case 'speculativeTaskSubmitted':
      foldSpeculativeTaskSubmitted(state, event);
      break;
    case 'executorExcluded':
      foldExecutorExcluded(state, event);
      break;
    case 'executorUnexcluded':
      foldExecutorUnexcluded(state, event);
      break;
    case 'taskEnd':
      foldTaskEnd(state, event, options);
      break;
    case 'stageProgress':
      foldStageProgress(state, event);
      break;
    case 'blockCached':
      foldBlockCached(state, event);
      break;
    case 'blockEvicted':
      foldBlockEvicted(state, event);
      break;
    case 'unpersistRdd':
      state.cached.delete(event.rddId);
      break;
    case 'faultInjected':
      foldFaultInjected(state, event);
      break;
    case 'faultsCleared':
      foldFaultsCleared(state, event);
      break;
    case 'partitionsLost':
      foldPartitionsLost(state, event);
      break;
    case 'rddName':
      state.rddNames.set(event.rddId, event.name);
      break;
    case 'notebookOpened':
      foldNotebookOpened(state, event);
      break;
    case 'cellInserted':
      foldCellInserted(state, event);
      break;
    case 'cellDeleted':
      foldCellDeleted(state, event);
      break;
    case 'cellMoved':
      foldCellMoved(state, event);
      break;
    case 'cellEdited':
      foldCellEdited(state, event);
      break;
    case 'cellKindChanged':
      foldCellKindChanged(state, event);
      break;
    case 'cellAnalyzed':
      foldCellAnalyzed(state, event);
      break;
    case 'notebookSaved':
      foldNotebookSaved(state, event);
      break;
    case 'outputsSaved':
      foldOutputsSaved(state, event);
      break;
    case 'kernelStatus':
      foldKernelStatus(state, event);
      break;
    case 'cellQueued':
      foldCellQueued(state, event);
      break;
    case 'cellStarted':
      foldCellStarted(state, event);
      break;
    case 'cellOutput':
      foldCellOutput(state, event);
      break;
    case 'cellFinished':
      foldCellFinished(state, event);
      break;
    case 'outputsCleared':
      foldOutputsCleared(state, event);
      break;
    case 'variables':
      foldVariables(state, event);
      break;
    case 'outputsRestored':
      foldOutputsRestored(state, event);
      break;
    case 'cellRestored':
      foldCellRestored(state, event);
      break;
    case 'binTrimmed':
      foldBinTrimmed(state, event);
      break;
    case 'historyChanged':
      foldHistoryChanged(state, event);
      break;
    case 'cellCollapsed':
      foldCellCollapsed(state, event);
      break;
    case 'stalenessChanged':
      foldStalenessChanged(state, event);
      break;
    default:
      event satisfies never;
  }
}

/**
 * Applies a batch when it is the next one. `duplicate`: all of it was known already, nothing changed. `gap`: events
 * before it are missing or it is of another boot; the caller joins again.
 */
export function foldBatch(
  state: ViewState,
  batch: EventBatch,
  options: FoldOptions = VIEWER,
): 'applied' | 'duplicate' | 'gap' {
  if (batch.boot !== state.boot) return 'gap';
  if (batch.to <= state.seq) return 'duplicate';
  if (batch.from !== state.seq + 1) return 'gap';
  for (const event of batch.events) fold(state, event, options);
  state.seq = batch.to;
  return 'applied';
}
