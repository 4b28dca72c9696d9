/** What a stage has made is of rows that nobody is to read any more. */
import { discardAccumulation } from './accumulate.ts';
import type { DagState } from './dag-state.ts';
import type { Stage } from './stage.ts';
import { discardPieces } from './stage-pieces.ts';
import { cancelStage } from './stage-submission.ts';

/** Gives up all that it has made and what its tasks still bring: it is made again when a job needs it. */
export function startOver(state: DagState, stage: Stage, reason: string): void {
  discardAccumulation(state, stage);
  if (stage.current) cancelStage(state, stage, reason);
  stage.acceptFrom = stage.nextAttempt;
  discardPieces(state, stage);
  stage.reason = reason;
  if (stage.kind !== 'shuffleMap') return;
  for (const mapStatus of state.outputs.reset(stage.dependency.shuffleId))
    state.command({ type: 'deleteMapOutput', mapStatus });
}
