/** Jobs over a source that never gives the same rows, in a simulation. */
import assert from 'node:assert/strict';
import type { RddNode } from '../rdd/plan.ts';
import { cached, narrow, shuffled, source, zipWithIndex } from './test-lineage.ts';
import { WRONGLY_NUMBERED } from './test-rows.ts';
import { Simulation } from './test-simulation.ts';

/** Two shuffles over a source that gives other rows each time it is computed. Returns how the jobs ended. */
export async function runIndeterminate(seed: number): Promise<string> {
  const simulation = new Simulation(seed);
  const { choices } = simulation;
  const maybeCached = (node: RddNode) => (choices.chance(0.3) ? cached(node) : node);
  const numbered = choices.chance(0.2);
  simulation.nodes = [
    source(0, 3),
    shuffled(1, 0, 0, 3),
    maybeCached(numbered ? zipWithIndex(2, 1, 3) : narrow(2, 1, 3)),
    shuffled(3, 2, 1, 3),
    maybeCached(narrow(4, 3, 3)),
  ];
  simulation.executors.computation.indeterminate.add(0);
  simulation.submit(4, simulation.nodes);
  await simulation.settle();
  simulation.submit(4);
  simulation.submit(2);
  await simulation.settle();
  const verdict = expectOneRun(simulation);
  simulation.expectNothingLeft();
  return verdict;
}

/**
 * Many short jobs over what is cached of such a source, cancelled in the middle and begun anew: their last tasks cache
 * what they made when the source may already have been computed again.
 */
export async function runCachedIndeterminate(seed: number): Promise<string> {
  const simulation = new Simulation(seed, { executors: 2 + (seed % 3), faultRate: 0.25 });
  const { choices } = simulation;
  simulation.nodes = [
    source(0, 3),
    shuffled(1, 0, 0, 3),
    cached(narrow(2, 1, 3)),
    narrow(3, 2, 3),
    shuffled(4, 2, 1, 3),
    cached(narrow(5, 4, 3)),
  ];
  simulation.executors.computation.indeterminate.add(0);
  simulation.submit(choices.of([2, 3, 5]), simulation.nodes);
  for (let i = 3 + choices.below(4); i > 0; i--) {
    for (let k = choices.below(12); k > 0; k--) simulation.step();
    if (choices.chance(0.4)) simulation.cancel();
    if (choices.chance(0.2)) await simulation.settle();
    simulation.submit(choices.of([2, 3, 5]));
  }
  await simulation.settle();
  const verdict = expectOneRun(simulation);
  simulation.expectNothingLeft();
  return verdict;
}

/** All rows of one source partition in a result come from one and the same run of it. Returns how the jobs ended. */
function expectOneRun({ outcomes }: Simulation): string {
  let verdict = '';
  for (const { rows, error } of outcomes) {
    verdict += error ?? 'ok';
    if (error !== undefined) assert(['JOB_CANCELLED', 'INDETERMINATE_RECOMPUTED'].includes(error), error);
    const draws = new Map<number, number>();
    for (const row of rows?.flat() ?? []) {
      assert.notEqual(row.draw, WRONGLY_NUMBERED, 'rows numbered by counts of others');
      assert.equal(draws.get(row.origin) ?? row.draw, row.draw, 'rows of two runs in one result');
      draws.set(row.origin, row.draw);
    }
  }
  return verdict;
}
