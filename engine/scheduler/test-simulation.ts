/**
 * A whole scheduler on simulated executors under random faults from one seed, and what must hold whatever happens: a
 * job's rows are those of an undisturbed run or its error says why not, each partition is committed once, every file
 * is freed once, and nothing is left behind. Throws plain errors: the tests and the soak share it.
 */
import assert from 'node:assert/strict';
import { ManualClock } from '../clock.ts';
import type { EngineEvent } from '../protocol.ts';
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type { RddNode } from '../rdd/plan.ts';
import { Scheduler } from './scheduler.ts';
import {
  EXCLUSION_DEFAULTS,
  POOL_PROPERTY,
  type SchedulingOptions,
  type SpeculationOptions,
} from './scheduling-options.ts';
import { SAVES, TestExecutors } from './test-executors.ts';
import { cached, narrow, shuffled, source, zipWithIndex } from './test-lineage.ts';
import { Choices, mix } from './test-random.ts';
import {
  barrierLineage,
  joinChainLineage,
  joinLineage,
  randomLineage,
  wideLineage,
} from './test-random-lineage.ts';
import { decodeResult, Oracle, type Row, runsOf, sortRows, WRONGLY_NUMBERED } from './test-rows.ts';

/** Any mode, with and without second copies of slow tasks and exclusion of executors. */
export function randomScheduling(choices: Choices, executors: number): Partial<SchedulingOptions> {
  const speculation: SpeculationOptions = {
    interval: choices.of([50, 100]),
    multiplier: choices.of([1, 2]),
    quantile: choices.of([0.1, 0.5]),
    minTaskRuntime: choices.of([0, 100]),
  };
  return {
    mode: choices.of(['FIFO', 'FAIR']),
    pools: {
      heavy: { schedulingMode: 'FIFO', weight: 3, minShare: 0 },
      even: { schedulingMode: 'FAIR', weight: 1, minShare: 2 },
    },
    ...(choices.chance(0.5) ? { speculation } : {}),
    ...(choices.chance(0.5)
      ? {
          exclusion: {
            ...EXCLUSION_DEFAULTS,
            timeout: choices.of([500, 3_600_000]),
            // Two tasks are made to fail: some executor must be left for each.
            maxTaskAttemptsPerExecutor: executors < 3 ? 2 : choices.of([1, 2]),
            // Lost executors are replaced, some of them late.
            unschedulableTaskSetTimeout: 1e9,
          },
        }
      : {}),
  };
}

export interface Outcome {
  job: JobSubmission;
  jobId: number;
  rows?: Row[][];
  error?: string;
  cancelled: boolean;
}

/** As often as they stand here. */
const FAULTS = [
  ...(['lose', 'lose', 'throw', 'kill', 'deny', 'evict', 'cancel', 'repeat', 'ask', 'freeze'] as const),
  ...(['damage', 'damage', 'damage', 'damage'] as const),
];

export interface SimulationOptions {
  executors?: number;
  /** Chance of a fault before each step. */
  faultRate?: number;
  /** Joins are changed, which those that save are not: no task asks to commit. */
  adaptsJoins?: boolean;
}

/** Whatever has rows is skewed. */
const CUT_ALL = { skewedPartitionThreshold: 2, skewedPartitionFactor: 0 };

export class Simulation {
  readonly choices: Choices;
  readonly executors = new TestExecutors();
  readonly clock = new ManualClock(0);
  readonly events: EngineEvent[] = [];
  readonly scheduler: Scheduler;
  readonly outcomes: Outcome[] = [];
  nodes: RddNode[] = [];
  readonly #size: number;
  readonly #faultRate: number;
  readonly #adaptsJoins: boolean;
  readonly #preparations = new Set<number>();
  readonly #runningAttempts = new Set<string>();
  #exceptions = 2;
  #damage = 3;

  constructor(
    seed: number,
    { executors = 3, faultRate = 0.12, adaptsJoins = false }: SimulationOptions = {},
  ) {
    this.choices = new Choices(seed);
    this.#size = executors;
    this.#faultRate = faultRate;
    this.#adaptsJoins = adaptsJoins;
    this.executors.disk.choices = this.choices;
    this.executors.computation.checksOffsets = true;
    this.executors.onLaunch = ({ stageId, attempt }) => {
      const key = `${stageId}.${attempt}`;
      assert(
        this.#runningAttempts.has(key),
        `a task of stage attempt ${key} was launched, which is not running`,
      );
    };
    this.scheduler = new Scheduler({
      backend: this.executors,
      clock: this.clock,
      emit: (event) => this.#see(event),
      finishPreparation: (_preparation, results) => {
        const counted = results.map((bytes) => runsOf(decodeResult({ bytes })));
        return new TextEncoder().encode(JSON.stringify(counted));
      },
      scheduling: randomScheduling(new Choices(mix(seed, 80)), executors),
      slots: executors,
      removeFile: (path) => this.executors.disk.removeFile(path),
      // Sizes are numbers of rows here.
      adaptive: {
        ...{ parallelismFirst: false, minPartitionSize: 0, advisoryPartitionSize: 4 << (seed % 4) },
        ...(adaptsJoins ? CUT_ALL : {}),
      },
      ...(adaptsJoins ? { parallelism: executors } : {}),
    });
    for (let i = 0; i < executors; i++) this.executors.add();
  }

  #see(event: EngineEvent): void {
    this.events.push(event);
    if (event.type === 'stageSubmitted') {
      this.#runningAttempts.add(`${event.stage.stageId}.${event.stage.attempt}`);
    } else if (event.type === 'stageCompleted') {
      this.#runningAttempts.delete(`${event.stageId}.${event.attempt}`);
    } else if (event.type === 'jobStart') {
      if (event.preparesRddId !== undefined) this.#preparations.add(event.jobId);
    } else if (event.type === 'jobEnd') this.#preparations.delete(event.jobId);
    else if (event.type === 'stageSkipped') this.#expectHidden(event.reason);
  }

  /** A cached RDD hides what is behind it only when executors that live hold all of it. */
  #expectHidden(reason: string): void {
    for (const [, id] of reason.matchAll(/RDD (\d+) \([^)]*\)(?=.* cached)/g)) {
      const { numPartitions } = this.nodes[Number(id)]!;
      for (let partition = 0; partition < numPartitions; partition++)
        assert(
          this.executors.holds(Number(id), partition),
          `RDD ${id} is not cached, but hides its ancestors`,
        );
    }
  }

  submit(rddId: number, nodes: RddNode[] = []): void {
    const { choices } = this;
    const { numPartitions } = this.nodes[rddId]!;
    const all = Array.from({ length: numPartitions }, (_, p) => p);
    const isWhole = this.nodes.some((node) => node.barrier);
    const partitions = all.filter(() => isWhole || choices.chance(0.9));
    const job: JobSubmission = {
      nodes,
      closures: [],
      rddId,
      partitions,
      action: { kind: 'collect' },
      name: 'collect',
      ...(this.#adaptsJoins ? { adaptive: this.#joinOptions() } : {}),
      properties: {
        ...(choices.chance(0.5) && !this.#adaptsJoins ? SAVES : {}),
        [POOL_PROPERTY]: choices.of(['heavy', 'even', 'unknown']),
      },
    };
    const { jobId, results } = this.scheduler.submitJob(job);
    const outcome: Outcome = { job, jobId, cancelled: false };
    this.outcomes.push(outcome);
    results.then(
      (parts) => {
        try {
          outcome.rows = parts.map((part) => this.executors.disk.readResult(part));
        } catch (error) {
          outcome.error = String(error);
        }
      },
      (error) => {
        outcome.error = error.code;
      },
    );
  }

  /** Each job may cut the same dataset in another way, or send one side of it everywhere. */
  #joinOptions(): Partial<AdaptiveOptions> {
    const { choices } = this;
    return {
      advisoryPartitionSize: choices.of([1, 4, 16]),
      autoBroadcastJoinThreshold: choices.of([0, 0, 8, 1_000]),
    };
  }

  /** Tasks that were found slow and run twice. */
  get speculated(): number {
    return this.events.filter((event) => event.type === 'taskStart' && event.task.speculative).length;
  }

  get excluded(): number {
    return this.events.filter((event) => event.type === 'executorExcluded').length;
  }

  /** One random thing happens. */
  step(): void {
    const { choices, executors } = this;
    if (choices.chance(this.#faultRate)) this.#fault();
    const thaws = executors.busyOnes.size === 0 ? 0.05 : 0.02;
    if (executors.frozen.size > 0 && choices.chance(thaws)) executors.thaw(executors.frozen.pick(choices));
    if (executors.busyOnes.size > 0 && choices.chance(0.9))
      executors.finish(executors.busyOnes.pick(choices));
    else this.clock.advance(choices.of([1, 100, 200, 300]));
  }

  #fault(): void {
    const { choices, executors } = this;
    const { alive, busyOnes } = executors;
    const fault = choices.of(FAULTS);
    if (fault === 'lose') {
      if (alive.size > 0) this.#loseExecutors();
    } else if (fault === 'evict') {
      if (alive.size > 0) executors.evict(alive.pick(choices));
    } else if (fault === 'cancel') {
      if (choices.chance(0.3)) this.#cancel();
    } else if (fault === 'repeat') executors.repeatAnswer();
    else if (busyOnes.size > 0) this.#disturb(fault, busyOnes.pick(choices));
  }

  #disturb(fault: 'throw' | 'kill' | 'deny' | 'ask' | 'damage' | 'freeze', executorId: string): void {
    const { executors } = this;
    if (fault === 'damage') {
      if (this.#damage > 0) this.#damageInput(executorId);
    } else if (fault === 'freeze') executors.freeze(executorId);
    else if (fault === 'ask') executors.askToCommit(executorId);
    else if (fault === 'kill') executors.finish(executorId, { kind: 'killed', reason: 'simulated' });
    else if (fault === 'deny') executors.finish(executorId, { kind: 'commitDenied', message: 'simulated' });
    else if (this.#exceptions-- > 0) {
      const error = { code: 'USER', name: 'Error', message: 'boom' };
      executors.finish(executorId, { kind: 'exception', error });
    }
  }

  /** A job, or a preparation that jobs wait for. */
  #cancel(): void {
    const outcome = this.choices.of(this.outcomes);
    outcome.cancelled = true;
    const jobIds = [outcome.jobId, ...this.#preparations];
    this.scheduler.cancelJob(this.choices.of(jobIds), 'simulated');
  }

  /** A map output goes that a running task is about to read; others that read it too have done so, and take their time. */
  #damageInput(reader: string): void {
    const { choices, executors } = this;
    const inputs = executors.inputsOf(reader);
    if (inputs.length === 0) return;
    this.#damage -= 1;
    for (const executorId of [...executors.busyOnes.members()])
      if (executorId !== reader && choices.chance(0.5)) executors.freeze(executorId);
    executors.disk.damage(choices.of(inputs));
  }

  /** One, or now and then a third of all at once; most are replaced at once. */
  #loseExecutors(): void {
    const { choices, executors } = this;
    const many = choices.chance(0.1) ? Math.ceil(this.#size / 3) : 1;
    for (let i = 0; i < many && executors.alive.size > 0; i++) {
      const executorId = executors.alive.pick(choices);
      const late = choices.chance(0.3) && executors.compute(executorId);
      executors.remove(executorId, choices.of(['killed', 'signal']), false);
      if (late) executors.deliver(executorId, late);
      if (choices.chance(0.8) || executors.alive.size === 0) executors.add();
    }
  }

  async settle(limit = 40_000): Promise<void> {
    for (let i = 0; i < limit; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.scheduler.idle) return;
      for (let k = 0; k < 5; k++) this.step();
      const { size } = this.executors.alive;
      if (size < Math.max(2, this.#size / 2) || (size < this.#size && this.choices.chance(0.05)))
        this.executors.add();
    }
    throw new Error('the simulation does not come to an end');
  }

  expectNothingLeft(): void {
    this.scheduler.forget(this.nodes.map((node) => node.rddId));
    assert(this.scheduler.empty, 'the scheduler keeps something');
    assert.deepEqual([...this.executors.disk.files.keys()], [], 'files that nobody freed');
    this.#expectBalancedEvents();
    this.#expectCommitsOnce();
  }

  /** What started has ended, once, and no slot ran two tasks at a time. */
  #expectBalancedEvents(): void {
    const open = new Set<string>();
    const slots = new Map<string, number>();
    const toggle = (key: string, starts: boolean): void => {
      if (open.has(key) === starts) throw new Error(`${key} ${starts ? 'began' : 'ended'} twice`);
      if (starts) open.add(key);
      else open.delete(key);
    };
    for (const event of this.events) {
      if (event.type === 'jobStart') toggle(`job ${event.jobId}`, true);
      else if (event.type === 'jobEnd') toggle(`job ${event.jobId}`, false);
      else if (event.type === 'stageSubmitted')
        toggle(`stage ${event.stage.stageId}.${event.stage.attempt}`, true);
      else if (event.type === 'stageCompleted') toggle(`stage ${event.stageId}.${event.attempt}`, false);
      else if (event.type === 'taskStart' || event.type === 'taskEnd') {
        const starts = event.type === 'taskStart';
        toggle(`task ${event.task.taskId}`, starts);
        const { executorId } = event.task;
        const running = (slots.get(executorId) ?? 0) + (starts ? 1 : -1);
        if (running > 1) throw new Error(`executor ${executorId} runs two tasks at once`);
        slots.set(executorId, running);
      }
    }
    assert.deepEqual([...open], [], 'began and never ended');
  }

  /** The tasks of an attempt of a barrier stage began one after the other, with nothing in between. */
  expectStartedTogether(): void {
    const sizes = new Map<string, number>();
    let open: { key: string; left: number } | undefined;
    for (const event of this.events) {
      if (event.type === 'stageSubmitted' && event.stage.barrier)
        sizes.set(`${event.stage.stageId}.${event.stage.attempt}`, event.stage.numTasks);
      if (event.type !== 'taskStart') continue;
      const key = `${event.task.stageId}.${event.task.stageAttempt}`;
      if (open) {
        assert.equal(key, open.key, 'a task began among those of a barrier stage');
        if (--open.left === 0) open = undefined;
        continue;
      }
      const size = sizes.get(key);
      if (size === undefined) continue;
      sizes.set(key, 0);
      assert(size > 0, `tasks of barrier stage attempt ${key} began at different times`);
      open = size > 1 ? { key, left: size - 1 } : undefined;
    }
    assert.equal(open, undefined, 'a barrier stage began in part');
  }

  /** Of a job that saves and ended well, each partition has been committed by one attempt and no other. */
  #expectCommitsOnce(): void {
    for (const { job, jobId, rows } of this.outcomes) {
      if (job.properties?.saves === undefined) continue;
      const commits = this.executors.commits.get(jobId) ?? new Map<number, number>();
      for (const partition of job.partitions) {
        const times = commits.get(partition) ?? 0;
        if (times > 1 || (rows && times === 0))
          throw new Error(`job ${jobId} committed partition ${partition} ${times} times`);
      }
    }
  }

  expectRightRows(): void {
    const oracle = new Oracle(this.nodes);
    const cancelledAny = this.outcomes.some((outcome) => outcome.cancelled);
    for (const { job, rows, error } of this.outcomes) {
      // A job fails with another's cancelled preparation, which they shared.
      if (error !== undefined) assert(error === 'JOB_CANCELLED' && cancelledAny, `a job failed: ${error}`);
      else {
        const expected = job.partitions.map((partition) => sortRows([...oracle.rows(job.rddId, partition)]));
        assert.deepEqual(rows, expected, `rows of RDD ${job.rddId}`);
      }
    }
  }
}

export async function runRandomJobs(seed: number): Promise<void> {
  const simulation = new Simulation(seed, { executors: 2 + (seed % 5), faultRate: 0.1 + (seed % 3) / 10 });
  const { choices } = simulation;
  simulation.nodes = randomLineage(choices);
  const { nodes } = simulation;
  simulation.submit(nodes.length - 1, nodes);
  for (let i = choices.below(4); i > 0; i--) {
    for (let k = choices.below(30); k > 0; k--) simulation.step();
    if (choices.chance(0.3)) await simulation.settle();
    simulation.submit(choices.below(nodes.length));
  }
  await simulation.settle();
  simulation.expectRightRows();
  simulation.expectNothingLeft();
}

/** Joins in pieces, and such of which one side is everywhere. Returns what became of the attempts of their stages. */
export async function runAdaptedJoins(seed: number): Promise<string[]> {
  const simulation = new Simulation(seed, { executors: 2 + (seed % 4), faultRate: 0.2, adaptsJoins: true });
  const { choices, events } = simulation;
  simulation.nodes = joinLineage(choices);
  simulation.submit(4, simulation.nodes);
  for (let i = choices.below(4); i > 0; i--) {
    for (let k = choices.below(30); k > 0; k--) simulation.step();
    if (choices.chance(0.3)) await simulation.settle();
    simulation.submit(choices.of([2, 3, 4]));
  }
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
  for (let i = choices.below(4); i > 0; i--) {
    for (let k = choices.below(40); k > 0; k--) simulation.step();
    if (choices.chance(0.5)) await simulation.settle();
    simulation.submit(choices.of([3, 4, 6, 7, 7, 8]));
  }
  await simulation.settle();
  simulation.expectRightRows();
  simulation.expectNothingLeft();
  return events.filter((event) => event.type === 'adaptivePlan' && event.kind === 'broadcastJoin').length;
}

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
  for (let i = choices.below(3); i > 0; i--) {
    for (let k = choices.below(30); k > 0; k--) simulation.step();
    if (choices.chance(0.5)) await simulation.settle();
    simulation.submit(choices.of([1, 2, 3, 4, 5, 6, 7]));
  }
  await simulation.settle();
  const ends = outcomes.map(({ error = 'ok' }) => error);
  for (const outcome of outcomes.splice(0)) {
    if (!BARRIER_FAILURES.includes(outcome.error ?? '')) outcomes.push(outcome);
  }
  simulation.expectRightRows();
  simulation.expectStartedTogether();
  simulation.expectNothingLeft();
  return ends;
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
  let verdict = '';
  for (const { rows, error } of simulation.outcomes) {
    verdict += error ?? 'ok';
    if (error !== undefined) assert(['JOB_CANCELLED', 'INDETERMINATE_RECOMPUTED'].includes(error), error);
    // All rows of one source partition come from one and the same run of it.
    const draws = new Map<number, number>();
    for (const row of rows?.flat() ?? []) {
      assert.notEqual(row.draw, WRONGLY_NUMBERED, 'rows numbered by counts of others');
      assert.equal(draws.get(row.origin) ?? row.draw, row.draw, 'rows of two runs in one result');
      draws.set(row.origin, row.draw);
    }
  }
  simulation.expectNothingLeft();
  return verdict;
}
