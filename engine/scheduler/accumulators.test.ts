/**
 * What tasks add to accumulators, under random schedules with faults: each partition of each stage is told of at most
 * once, of a stage that a job needed exactly once and before the job's results.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { EngineEvent } from '../protocol.ts';
import type { AccumulatorPartial, StageAccumulation } from '../rdd/accumulation.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type { RddNode } from '../rdd/plan.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import { accumulate, discardAccumulation, tellDriver } from './accumulate.ts';
import { Scheduler } from './scheduler.ts';
import type { AddedByTask } from './test-computation.ts';
import { DagHarness, forgetAll, wordCount } from './test-dag-harness.ts';
import { TestExecutors } from './test-executors.ts';
import { cached, join, mapStatus, narrow, shuffled, sorted, source } from './test-lineage.ts';
import { Choices } from './test-random.ts';
import { decodeResult, type Row } from './test-rows.ts';

interface Outcome {
  jobId: number;
  rows?: Row[];
  error?: string;
}

class Simulation {
  readonly choices: Choices;
  readonly executors = new TestExecutors();
  readonly clock = new ManualClock(0);
  readonly events: EngineEvent[] = [];
  /** By stage: what each partition added, as the driver is told. */
  readonly told = new Map<number, AddedByTask[]>();
  readonly sums = new Map<number, number>();
  readonly scheduler: Scheduler;
  readonly outcomes: Outcome[] = [];
  #exceptions = 2;
  #damage = 2;

  constructor(seed: number) {
    this.choices = new Choices(seed);
    this.scheduler = new Scheduler({
      backend: this.executors,
      clock: this.clock,
      emit: (event) => this.events.push(event),
      finishPreparation: () => Uint8Array.of(1),
      onAccumulated: (added) => this.#hear(added),
    });
    this.executors.computation.accumulates = true;
    for (let i = 0; i < 3; i++) this.executors.add();
  }

  #hear({ stageId, partials }: StageAccumulation): void {
    const told = this.told.get(stageId) ?? [];
    this.told.set(stageId, told);
    for (const partial of partials) {
      if (partial.kind === 'sum') this.sums.set(stageId, (this.sums.get(stageId) ?? 0) + partial.sum);
      else if ('bytes' in partial.value) told.push(JSON.parse(new TextDecoder().decode(partial.value.bytes)));
    }
    // Each partition once, and floating sums in one order: that of the partitions.
    const indices = told.map((added) => added.index);
    expect(new Set(indices).size, `stage ${stageId}`).toBe(indices.length);
    expect(this.sums.get(stageId)).toBe(indices.length);
  }

  submit(nodes: RddNode[], rddId: number, send: RddNode[]): Outcome {
    const partitions = Array.from({ length: nodes[rddId]!.numPartitions }, (_, p) => p);
    const action = { kind: 'collect' as const };
    const job: JobSubmission = { nodes: send, closures: [], rddId, partitions, action, name: 'collect' };
    const { jobId, results } = this.scheduler.submitJob(job);
    const outcome: Outcome = { jobId };
    this.outcomes.push(outcome);
    results.then(
      (all) => {
        outcome.rows = all.flatMap(decodeResult);
        this.#expectTold(jobId, partitions.length);
      },
      (error) => {
        outcome.error = error.code;
      },
    );
    return outcome;
  }

  /** The driver knows everything by the time it has the results. */
  #expectTold(jobId: number, results: number): void {
    const start = this.events.find((event) => event.type === 'jobStart' && event.jobId === jobId);
    const stages = start?.type === 'jobStart' ? start.stages : [];
    const complete = new Set(
      this.events.flatMap((event) =>
        event.type === 'stageCompleted' && event.status === 'complete' ? [event.stageId] : [],
      ),
    );
    for (const { stageId, kind, rdds } of stages) {
      if (!complete.has(stageId)) continue;
      const wanted = kind === 'result' ? results : rdds.at(-1)!.numPartitions;
      expect(this.told.get(stageId)?.length, `stage ${stageId} of job ${jobId}`).toBe(wanted);
    }
  }

  step(): void {
    const { choices, executors } = this;
    if (choices.chance(0.12)) this.#fault();
    const busy = executors.busy();
    if (busy.length > 0 && choices.chance(0.9)) executors.finish(choices.of(busy));
    else this.clock.advance(choices.of([1, 100, 200, 300]));
  }

  #fault(): void {
    const { choices, executors } = this;
    const ids = [...executors.executors.keys()];
    const busy = executors.busy();
    const kind = choices.below(6);
    if (kind === 0 && ids.length > 1) {
      executors.remove(choices.of(ids), choices.of(['killed', 'signal']), false);
      executors.add();
    } else if (kind === 1 && busy.length > 0 && this.#exceptions-- > 0) {
      const error = { code: 'USER', name: 'Error', message: 'boom' };
      executors.finish(choices.of(busy), { kind: 'exception', error });
    } else if (kind === 2 && busy.length > 0) {
      executors.finish(choices.of(busy), { kind: 'killed', reason: 'simulated' });
    } else if (kind === 3 && executors.disk.files.size > 0 && this.#damage-- > 0) {
      executors.disk.files.delete(choices.of([...executors.disk.files.keys()]));
    } else if (kind === 4 && ids.length > 0) executors.evict(choices.of(ids));
    else if (kind === 5 && choices.chance(0.2))
      this.scheduler.cancelJob(choices.of(this.outcomes).jobId, 'simulated');
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 20_000; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.scheduler.idle) return;
      for (let k = 0; k < 5; k++) this.step();
    }
    throw new Error('the simulation does not come to an end');
  }
}

function lineage(choices: Choices): RddNode[] {
  const [a, b, c] = [1 + choices.below(4), 1 + choices.below(4), 1 + choices.below(4)];
  const maybeCached = (node: RddNode) => (choices.chance(0.3) ? cached(node) : node);
  return [
    source(0, a),
    maybeCached(narrow(1, 0, a)),
    shuffled(2, 1, 0, b),
    maybeCached(narrow(3, 2, b)),
    join(
      4,
      [
        { rddId: 3, shuffleId: 1 },
        { rddId: 1, shuffleId: 2 },
      ],
      c,
    ),
    sorted(5, 4, 3, c),
    narrow(6, 5, c),
  ];
}

async function runJobs(seed: number): Promise<void> {
  const simulation = new Simulation(seed);
  const { choices, scheduler } = simulation;
  const nodes = lineage(choices);
  simulation.executors.computation.accumulatesInCached = choices.chance(0.5);
  simulation.submit(nodes, 6, nodes);
  for (let i = choices.below(4); i > 0; i--) {
    for (let k = choices.below(40); k > 0; k--) simulation.step();
    if (choices.chance(0.3)) await simulation.settle();
    simulation.submit(nodes, choices.of([2, 4, 6]), []);
  }
  await simulation.settle();
  await new Promise((resolve) => setImmediate(resolve));
  for (const { rows, error } of simulation.outcomes) {
    if (rows === undefined) expect(error).toBe('JOB_CANCELLED');
  }
  scheduler.forget(nodes.map((node) => node.rddId));
  expect(scheduler.empty).toBe(true);
}

test('each partition counts once, before the results, whatever is tried, lost and computed again', () =>
  fc.assert(fc.asyncProperty(fc.nat(), runJobs), { numRuns: 400 }));

test('of an indeterminate stage counts what the rows of the result were made from', async () => {
  let rolledBack = 0;
  for (let seed = 0; seed < 300; seed++) {
    const simulation = new Simulation(seed);
    const nodes = [
      source(0, 3),
      shuffled(1, 0, 0, 3),
      narrow(2, 1, 3),
      shuffled(3, 2, 1, 3),
      narrow(4, 3, 3),
    ].map((node): RddNode => ({ ...node, determinism: 'INDETERMINATE' }));
    simulation.executors.computation.indeterminate.add(0);
    const outcome = simulation.submit(nodes, 4, nodes);
    await simulation.settle();
    await new Promise((resolve) => setImmediate(resolve));
    if (!outcome.rows) continue;
    const used = new Set(outcome.rows.map((row) => row.draw));
    for (const added of simulation.told.get(0) ?? [])
      for (const draw of added.draws) expect(used, `seed ${seed}`).toContain(draw);
    const draws = [...used];
    if (Math.max(...draws) > draws.length) rolledBack++;
  }
  expect(rolledBack).toBeGreaterThan(10);
});

describe('what was added for cached rows by a task that ends well when nobody waits for it any more', () => {
  /** The second task of the last stage has ended and has not told yet. */
  function lateEnd() {
    const simulation = new Simulation(0);
    const { executors } = simulation;
    executors.computation.accumulatesInCached = true;
    const nodes = [source(0, 2), shuffled(1, 0, 0, 2)];
    const outcome = simulation.submit(nodes, 1, nodes);
    for (const id of executors.busy()) executors.finish(id);
    const [first, second] = executors.busy() as [string, string];
    const end = executors.compute(second)!;
    return { simulation, outcome, first, second, end };
  }

  test('counts when its job was cancelled: the rows stay', () => {
    const { simulation, outcome, second, end } = lateEnd();
    simulation.scheduler.cancelJob(outcome.jobId, 'simulated');
    simulation.executors.deliver(second, end);
    expect(simulation.told.get(1)?.map(({ index }) => index)).toEqual([end.task.index]);
  });

  test('counts for nothing when another attempt of its stage has ended well with the same', () => {
    const { simulation, first, second, end } = lateEnd();
    const { executors } = simulation;
    for (const file of executors.disk.files.keys()) executors.disk.files.delete(file);
    executors.finish(first);
    while (simulation.events.at(-1)!.type !== 'jobEnd') {
      for (const id of executors.busy()) executors.finish(id);
      simulation.clock.advance(200);
    }
    executors.deliver(second, end);
    expect(simulation.told.get(1)).toHaveLength(2);
  });
});

const sum = (value: number) => [{ id: 7, kind: 'sum' as const, sum: value, count: 1 }];

function told(harness: DagHarness): string[] {
  return harness.commands.flatMap((command) =>
    command.type === 'accumulate'
      ? [
          `${command.added.stageId}: ${command.added.partials.map((p) => (p.kind === 'sum' ? p.sum : p.kind))}`,
        ]
      : [],
  );
}

test('an older attempt and a lost output that is made again do not count a second time', () => {
  const harness = new DagHarness();
  harness.submit(wordCount(), 2, [0, 1]);
  const [map] = harness.taskSets;
  const success = (index: number, value: number) => ({
    type: 'taskSucceeded' as const,
    stageId: map!.stageId,
    attempt: 0,
    index,
    executorId: 'e1',
    mapStatus: mapStatus(0, index, 0),
    accumulators: sum(value),
  });
  harness.post(success(1, 10));
  harness.post(success(1, 10));
  expect(told(harness)).toEqual([]);
  harness.post(success(0, 1));
  expect(told(harness)).toEqual(['0: 11']);
  const [, reduce] = harness.taskSets;
  harness.failFetch(reduce!, 0, 0, 1);
  harness.resubmit();
  harness.post({ ...success(1, 10), attempt: 1 });
  expect(told(harness)).toEqual([]);
});

test.each([
  ['a result stage', [source(0, 1)], 0],
  ['a map stage', wordCount(1, 1), 2],
])('what waits is freed with the job that fails for its size: %s', (_, nodes, rddId) => {
  const harness = new DagHarness();
  harness.scheduler.state.options.maxResultSize = 100;
  harness.submit(nodes, rddId, [0]);
  const [set] = harness.taskSets;
  harness.post({
    type: 'taskSucceeded',
    stageId: set!.stageId,
    attempt: 0,
    index: 0,
    executorId: 'e1',
    ...(rddId > 0 ? { mapStatus: mapStatus(0, 0, 0) } : {}),
    accumulators: [{ id: 0, kind: 'value', value: { file: 'big', length: 101, crc: 0 } }],
  });
  expect(harness.results.get(0)).toMatch(
    /^ACCUMULATED_TOO_MUCH: .* is 101 bytes, more than the limit of 100$/,
  );
  expect(harness.commands).toContainEqual({
    type: 'deleteResult',
    result: { file: 'big', length: 101, crc: 0 },
  });
  expect(told(harness)).toEqual([]);
});

describe('what was added for a block that all read', () => {
  const rows = cached({ ...source(0, 2), determinism: 'INDETERMINATE' });
  const block = (generation: number): AccumulatorPartial => ({
    kind: 'block',
    rddId: 0,
    generation,
    note: 'a',
    value: { file: 'brought', length: 1, crc: 0 },
  });

  test('counts with the first task that brings it', () => {
    const harness = new DagHarness();
    const { state } = harness.scheduler;
    harness.submit([rows], 0, [0, 1]);
    const { stageId } = harness.taskSets[0]!;
    const generation = state.shared.current(0)!;
    for (const index of [0, 1])
      harness.post({
        type: 'taskSucceeded',
        stageId,
        attempt: 0,
        index,
        executorId: 'e1',
        accumulators: [block(generation)],
      });
    expect(told(harness)).toEqual(['0: block']);
    expect(harness.commands.filter(({ type }) => type === 'deleteResult')).toHaveLength(1);
    expect(state.countedBlocks.size).toBe(1);
    forgetAll(harness, [0]);
    expect(state.countedBlocks.size).toBe(0);
  });

  test('counts with a task that looks ahead, also once the rows are kept no more; what that adds besides does not', () => {
    const harness = new DagHarness();
    const { state } = harness.scheduler;
    harness.submit([rows, sorted(1, 0, 0, 2)], 1, [0, 1]);
    const { stageId } = harness.taskSets[0]!;
    const generation = state.shared.current(0)!;
    harness.post({ type: 'persisted', rddId: 0, level: StorageLevel.NONE });
    const accumulators: AccumulatorPartial[] = [
      ...sum(3),
      { id: 8, kind: 'value', value: { file: 'besides', length: 1, crc: 0 } },
      { id: 7, kind: 'sum', sum: 5, count: 1, cached: true },
      block(generation),
    ];
    harness.post({ type: 'taskSucceeded', stageId, attempt: 0, index: 0, executorId: 'e1', accumulators });
    harness.post({ type: 'taskSucceeded', stageId, attempt: 0, index: 1, executorId: 'e1' });
    expect(told(harness)).toEqual([`${stageId}: 5,block`]);
    const deleted = { type: 'deleteResult', result: { file: 'besides', length: 1, crc: 0 } };
    expect(harness.allCommands).toContainEqual(deleted);
  });

  test('counts with the next when the first was taken back', () => {
    const harness = new DagHarness();
    const { state } = harness.scheduler;
    harness.submit([rows], 0, [0, 1]);
    const stage = state.stages.get(harness.taskSets[0]!.stageId)!;
    const brought = [block(state.shared.current(0)!)];
    accumulate(state, stage, 0, brought);
    accumulate(state, stage, 1, brought);
    discardAccumulation(state, stage);
    accumulate(state, stage, 1, brought);
    accumulate(state, stage, 0, brought);
    tellDriver(state, stage, []);
    expect(told(harness)).toEqual(['0: block']);
  });
});
