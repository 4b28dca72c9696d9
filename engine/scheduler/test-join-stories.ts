/** Jobs of joins in a simulation, which adaptive execution changes. */
import { joinChainLineage, joinLineage } from './test-random-lineage.ts';
import { Simulation } from './test-simulation.ts';

/** Joins in pieces, and such of which one side is everywhere. Returns what became of the attempts of their stages. */
export async function runAdaptedJoins(seed: number): Promise<string[]> {
  const simulation = new Simulation(seed, { executors: 2 + (seed % 4), faultRate: 0.2, adaptsJoins: true });
  const { choices, events } = simulation;
  simulation.nodes = joinLineage(choices);
  simulation.submit(4, simulation.nodes);
  await simulation.submitMore(() => choices.of([2, 3, 4]));
  await simulation.settle();
  simulation.expectRightRows();
  simulation.expectNothingLeft();
  return events.flatMap((event) => (event.type === 'adaptivePlan' ? event.kind : []));
}

/** Joins of joins, read by jobs in several ways. Returns how many sides were sent everywhere. */
export async function runJoinChains(seed: number): Promise<number> {
  const simulation = new Simulation(seed, { executors: 2 + (seed % 4), faultRate: 0.1 + (seed % 3) / 10 });
  const { choices, events } = simulation;
  simulation.nodes = joinChainLineage(choices);
  simulation.submit(choices.of([7, 8]), simulation.nodes);
  await simulation.submitMore(() => choices.of([3, 4, 6, 7, 7, 8]), { steps: 40, settleRate: 0.5 });
  await simulation.settle();
  simulation.expectRightRows();
  simulation.expectNothingLeft();
  return events.filter((event) => event.type === 'adaptivePlan' && event.kind === 'broadcastJoin').length;
}
