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
import { expectBalanced, expectSuccessesOnce } from './test-event-checks.ts';
import { SAVES, TestExecutors } from './test-executors.ts';
import { Choices, mix } from './test-random.ts';
import { decodeResult, Oracle, type Row, runsOf, sortRows } from './test-rows.ts';

/** Any mode, with and without second copies of slow tasks and exclusion of executors. */
function randomScheduling(choices: Choices, executors: number): Partial<SchedulingOptions> {
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

interface Outcome {
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

interface SimulationOptions {
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
    this.executors.choices = this.choices;
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
      if (choices.chance(0.3)) this.cancel();
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
  cancel(): void {
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

  /** Up to `jobs` more, each after up to `steps` things happened, some of them when all before them had ended. */
  async submitMore(next: () => number, { jobs = 3, steps = 30, settleRate = 0.3 } = {}): Promise<void> {
    const { choices } = this;
    for (let i = choices.below(jobs + 1); i > 0; i--) {
      for (let k = choices.below(steps); k > 0; k--) this.step();
      if (choices.chance(settleRate)) await this.settle();
      this.submit(next());
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
    assert.deepEqual([...this.executors.disk.shared.keys()], [], 'shared partitions that nobody freed');
    expectBalanced(this.events);
    expectSuccessesOnce(this.events);
    this.#expectCommitsOnce();
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
