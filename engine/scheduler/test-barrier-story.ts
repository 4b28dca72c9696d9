/** Jobs through barrier stages in a simulation. */
import { expectStartedTogether } from './test-event-checks.ts';
import { barrierLineage } from './test-random-lineage.ts';
import { Simulation } from './test-simulation.ts';

/** How a barrier stage may fail; one whose tasks failed or could not read their input four times in a row. */
const BARRIER_FAILURES = ['BARRIER_RESULT_STAGE_FAILED', 'BARRIER_STAGE_FAILED', 'FETCH_FAILED'];

/** Returns how the jobs ended. */
export async function runBarrierJobs(seed: number): Promise<string[]> {
  const executors = 3 + (seed % 3);
  const simulation = new Simulation(seed, { executors });
  const { choices, outcomes } = simulation;
  // One may be excluded for good: the rest must be enough.
  simulation.nodes = barrierLineage(choices, executors - 1);
  simulation.submit(choices.of([4, 5, 7]), simulation.nodes);
  await simulation.submitMore(() => choices.of([1, 2, 3, 4, 5, 6, 7]), { jobs: 2, settleRate: 0.5 });
  await simulation.settle();
  const ends = outcomes.map(({ error = 'ok' }) => error);
  for (const outcome of outcomes.splice(0)) {
    if (!BARRIER_FAILURES.includes(outcome.error ?? '')) outcomes.push(outcome);
  }
  simulation.expectRightRows();
  expectStartedTogether(simulation.events);
  simulation.expectNothingLeft();
  return ends;
}
