/** Jobs over a cached source that never gives the same rows, several of its partitions in one task, in a simulation. */
import assert from 'node:assert/strict';
import type { RddNode } from '../rdd/plan.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import {
  cached,
  cartesian,
  coalesced,
  narrow,
  shuffled,
  source,
  union,
  zipWithIndex,
} from './test-lineage.ts';
import type { Choices } from './test-random.ts';
import { Oracle, sortRows, WRONGLY_NUMBERED } from './test-rows.ts';
import { Simulation } from './test-simulation.ts';

/** The cached dataset that all others are made of. */
const CACHED = 1;
/** Products would be of thousands of tasks. */
const MOST_PARTITIONS = 12;
/** Datasets before this one read each partition of the cached dataset once, where it is not cached. */
const SINGLY = 5;

/** Source, cached dataset, and what is made of it by tasks that read several of its partitions, some of it cached too. */
function sharingLineage(choices: Choices, cachedRate = 0.2, singly = 0): RddNode[] {
  const count = 2 + choices.below(4);
  const nodes: RddNode[] = [source(0, count), cached(narrow(CACHED, 0, count))];
  let shuffleId = 0;
  while (nodes.length < 7) {
    const id = nodes.length;
    const parent = choices.of(nodes.slice(CACHED));
    const other = choices.of(nodes.slice(CACHED));
    const size = 1 + choices.below(3);
    const groups = Array.from({ length: size }, (_, group) =>
      Array.from({ length: parent.numPartitions }, (_, p) => p).filter((p) => p % size === group),
    );
    const once = [
      () => narrow(id, parent.rddId, parent.numPartitions),
      () => shuffled(id, parent.rddId, shuffleId++, size),
    ];
    const often = [
      () => union(id, [parent, other]),
      () => coalesced(id, parent.rddId, groups),
      () => cartesian(id, parent, other),
      () => zipWithIndex(id, parent.rddId, parent.numPartitions),
    ];
    const node = choices.of(id < singly ? once : [...once, ...often])();
    if (node.numPartitions > MOST_PARTITIONS) continue;
    nodes.push(choices.chance(cachedRate) ? cached(node) : node);
  }
  return nodes.map((node) => ({ ...node, determinism: 'INDETERMINATE' }));
}

/**
 * All jobs see the same rows of the cached dataset, and none fails, whatever happens to executors. Now and then it is
 * unpersisted between them and persisted again: then they see others, and none both.
 */
export async function runShared(seed: number, faultRate?: number): Promise<void> {
  const simulation = new Simulation(seed, {
    executors: 2 + (seed % 3),
    ...(faultRate === undefined ? {} : { faultRate }),
  });
  const { choices, scheduler } = simulation;
  simulation.nodes = sharingLineage(choices);
  simulation.executors.computation.indeterminate.add(0);
  let from = 0;
  // The scheduler owns what it is given: levels change in place.
  const fresh = () => simulation.nodes.map((node) => ({ ...node }));
  let first = fresh();
  for (let round = 1 + choices.below(2); round > 0; round--) {
    for (let jobs = 1 + choices.below(4); jobs > 0; jobs--) {
      simulation.submit(CACHED + choices.below(simulation.nodes.length - CACHED), first);
      first = [];
      for (let k = choices.below(30); k > 0; k--) simulation.step();
    }
    await simulation.settle();
    expectSameRows(simulation, from);
    from = simulation.outcomes.length;
    // Shuffles and what else is cached are of the rows of before: all of it is begun anew.
    if (round > 1) {
      scheduler.persist(CACHED, StorageLevel.NONE);
      scheduler.forget(simulation.nodes.map((node) => node.rddId));
      first = fresh();
    }
  }
  simulation.expectNothingLeft();
}

/**
 * The cached dataset is unpersisted while jobs read it, and perhaps persisted again: no job has rows of both. Stages that
 * several jobs read are of the rows of the first of them, so all begin before.
 */
export async function runUnpersisted(seed: number): Promise<void> {
  const simulation = new Simulation(seed, { executors: 2 + (seed % 3), faultRate: 0.2 });
  const { choices, scheduler } = simulation;
  simulation.nodes = sharingLineage(choices);
  simulation.executors.computation.indeterminate.add(0);
  const nodes = simulation.nodes.map((node) => ({ ...node }));
  simulation.submit(CACHED + choices.below(nodes.length - CACHED), nodes);
  if (choices.chance(0.5)) simulation.submit(CACHED + choices.below(nodes.length - CACHED));
  for (let changes = 1 + choices.below(3); changes > 0; changes--) {
    for (let k = choices.below(25); k > 0; k--) simulation.step();
    scheduler.persist(CACHED, changes % 2 === 1 ? StorageLevel.NONE : StorageLevel.MEMORY_ONLY);
  }
  await simulation.settle();
  for (let from = 0; from < simulation.outcomes.length; from++) expectSameRows(simulation, from, from + 1);
  simulation.expectNothingLeft();
}

/**
 * Jobs begin at any time while the cached dataset is unpersisted and persisted again, over shuffles and cached datasets that
 * were made of it before: those that began while it was persisted have rows of one life of it. They may fail where map outputs
 * are lost that were made of rows given up since, and only so. Returns their errors.
 */
export async function runRenewed(seed: number, faultRate: number): Promise<Set<string>> {
  const simulation = new Simulation(seed, { executors: 2 + (seed % 3), faultRate });
  const { choices, scheduler } = simulation;
  // What is made while the rows it is made of are not kept is of a computation of its own: read once, and not kept itself.
  const cachesMore = choices.chance(0.5);
  simulation.nodes = cachesMore ? sharingLineage(choices, 0.3) : sharingLineage(choices, 0, SINGLY);
  simulation.executors.computation.indeterminate.add(0);
  const nodes = simulation.nodes.map((node) => ({ ...node }));
  let isKept = cachesMore || choices.chance(0.7);
  if (!isKept) nodes[CACHED]!.storageLevel = StorageLevel.NONE;
  const begun: { isKept: boolean }[] = [];
  const submit = (first: RddNode[] = []) => {
    const end = isKept ? nodes.length : SINGLY;
    simulation.submit(CACHED + choices.below(end - CACHED), first);
    begun.push({ isKept });
  };
  submit(nodes);
  for (let changes = 2 + choices.below(4); changes > 0; changes--) {
    for (let jobs = choices.below(4); jobs > 0; jobs--) {
      for (let k = choices.below(25); k > 0; k--) simulation.step();
      if (choices.chance(0.3)) await simulation.settle();
      if (isKept || !cachesMore) submit();
    }
    scheduler.persist(CACHED, isKept ? StorageLevel.NONE : StorageLevel.MEMORY_ONLY);
    isKept = !isKept;
  }
  await simulation.settle();
  const errors = new Set<string>();
  for (const [at, outcome] of simulation.outcomes.entries()) {
    if (outcome.error !== undefined) errors.add(outcome.error);
    if (outcome.error === undefined && begun[at]!.isKept) expectSameRows(simulation, at, at + 1);
  }
  simulation.expectNothingLeft();
  return errors;
}

function expectSameRows({ nodes, outcomes }: Simulation, from: number, to = outcomes.length): void {
  const oracle = new Oracle(nodes);
  const draws = new Map<number, number>();
  for (const { job, rows, error } of outcomes.slice(from, to)) {
    if (error !== undefined) {
      assert.equal(error, 'JOB_CANCELLED');
      continue;
    }
    for (const row of rows!.flat()) {
      assert.notEqual(row.draw, WRONGLY_NUMBERED, 'rows numbered by counts of others');
      assert.equal(draws.get(row.origin) ?? row.draw, row.draw, 'a cached partition has two sets of rows');
      draws.set(row.origin, row.draw);
    }
    const values = rows!.map((part) => sortRows(part.map((row) => ({ ...row, draw: 0 }))));
    const expected = job.partitions.map((partition) => sortRows([...oracle.rows(job.rddId, partition)]));
    assert.deepEqual(values, expected, `rows of RDD ${job.rddId}`);
  }
}
