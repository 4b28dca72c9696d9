/** Jobs over any lineage in a simulation, and over one of thousands of tasks. */
import { randomLineage, wideLineage } from './test-random-lineage.ts';
import { Simulation } from './test-simulation.ts';

/** How many queued tasks were taken back. */
export async function runRandomJobs(seed: number): Promise<number> {
  const simulation = new Simulation(seed, { executors: 2 + (seed % 5), faultRate: 0.1 + (seed % 3) / 10 });
  const { choices } = simulation;
  simulation.nodes = randomLineage(choices);
  const { nodes } = simulation;
  simulation.submit(nodes.length - 1, nodes);
  await simulation.submitMore(() => choices.below(nodes.length));
  await simulation.settle();
  simulation.expectRightRows();
  simulation.expectNothingLeft();
  return simulation.executors.takenBack;
}

/** Thousands of tasks on a thousand executors, two jobs at once. */
export async function runWideJobs(seed: number): Promise<void> {
  const simulation = new Simulation(seed, { executors: 1_000, faultRate: 0.02 });
  const { choices } = simulation;
  simulation.nodes = wideLineage(choices);
  simulation.submit(4, simulation.nodes);
  for (let k = choices.below(3_000); k > 0; k--) simulation.step();
  simulation.submit(choices.of([2, 3]));
  await simulation.settle();
  simulation.submit(3);
  await simulation.settle();
  simulation.expectRightRows();
  simulation.expectNothingLeft();
}
