/**
 * When what tasks added to accumulators counts, and when the driver is told: when a stage is over, or when the last
 * job that needs it ends. Of a stage whose rows may differ from run to run always the latter: until then it may be
 * rolled back.
 */
import type { AccumulatorPartial, BlockPartial } from '../rdd/accumulation.ts';
import type { DagState } from './dag-state.ts';
import type { DagEvent } from './events.ts';
import { isKnownGeneration } from './shared-blocks.ts';
import type { Stage } from './stage.ts';

/** Of an accepted success. `otherRows`: the output takes the place of one with other rows. */
export function accumulate(
  state: DagState,
  stage: Stage,
  index: number,
  partials: AccumulatorPartial[] | undefined,
  otherRows = false,
): void {
  if (otherRows) takeBack(state, stage.accumulation.takeBack(index));
  if (!partials) return;
  const wanted = isPreparation(state, stage) ? partials.filter(isOfCachedRows) : partials;
  if (wanted !== partials)
    discardPartials(
      state,
      partials.filter((partial) => !isOfCachedRows(partial)),
    );
  if (wanted.length === 0) return;
  const uncounted = wanted.filter((partial) => partial.kind !== 'block' || countBlock(state, partial));
  // What a block brings that this computed once more is as little to be counted as what it added itself.
  if (!stage.accumulation.add(index, uncounted)) discardPartials(state, uncounted);
}

/** Nobody computes them again, so that it counts here or never. */
function isOfCachedRows(partial: AccumulatorPartial): boolean {
  return partial.kind === 'block' || partial.cached === true;
}

/** Of a success that nobody waits for any more, its job was cancelled say, the rows stay that it has cached. Returns what does not count. */
export function accumulateCached(
  state: DagState,
  { stageId, attempt, accumulators = [] }: Extract<DagEvent, { type: 'taskSucceeded' }>,
): AccumulatorPartial[] {
  const partials = accumulators
    .filter(isOfCachedRows)
    .filter((partial) => partial.kind !== 'block' || countBlock(state, partial));
  if (partials.length > 0)
    state.command({ type: 'accumulate', added: { stageId, attempt, jobIds: [], partials } });
  return accumulators.filter((partial) => !isOfCachedRows(partial));
}

/** False when it is not to be counted: it was, with another task. */
function countBlock(state: DagState, partial: BlockPartial): boolean {
  if (!isKnownGeneration(state, partial.rddId, partial.generation)) return true;
  const isFirst = state.countedBlocks.add(partial);
  if (!isFirst) discardPartials(state, [partial]);
  return isFirst;
}

/** They are not to count, and who brings them again counts: the rows they belong to were given up. */
function takeBack(state: DagState, partials: AccumulatorPartial[]): void {
  for (const partial of partials) if (partial.kind === 'block') state.countedBlocks.takeBack(partial);
  discardPartials(state, partials);
}

/**
 * A look ahead (sampling keys, counting rows) is not what the user asked for: the job that follows computes the same
 * rows again, and they count there. Not so rows that it caches.
 */
function isPreparation(state: DagState, stage: Stage): boolean {
  return stage.kind === 'result' && state.jobs.get(stage.jobId)?.preparesRddId !== undefined;
}

export function stageOver(state: DagState, stage: Stage): void {
  const mayBeRolledBack =
    stage.kind === 'shuffleMap' && state.rdds.node(stage.rddId).determinism === 'INDETERMINATE';
  if (!mayBeRolledBack) tellDriver(state, stage, [...stage.jobIds]);
}

export function tellDriver(state: DagState, stage: Stage, jobIds: number[]): void {
  if (stage.accumulation.size === 0) return;
  const { stageId, nextAttempt } = stage;
  const partials = stage.accumulation.take();
  state.command({ type: 'accumulate', added: { stageId, attempt: nextAttempt - 1, jobIds, partials } });
}

/** The stage starts over from other rows, or is forgotten. */
export function discardAccumulation(state: DagState, stage: Stage): void {
  takeBack(state, stage.accumulation.takeAllBack());
}

export function discardPartials(state: DagState, partials: AccumulatorPartial[] = []): void {
  for (const partial of partials)
    if (partial.kind !== 'sum') state.command({ type: 'deleteResult', result: partial.value });
}
