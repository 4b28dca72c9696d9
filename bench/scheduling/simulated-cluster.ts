/**
 * A cluster on paper: executors that answer every task at once and compute nothing, so that what is left to measure is
 * the scheduler: its two step functions and the shell that carries out their commands.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ManualClock } from '../../engine/clock.ts';
import { zeroMetrics } from '../../engine/fold/progress.ts';
import type { TaskEndReason } from '../../engine/protocol.ts';
import type { JobSubmission } from '../../engine/rdd/job-runner.ts';
import type { MapStatus, RddNode, StagePlan } from '../../engine/rdd/plan.ts';
import type { BackendEvent, SchedulerBackend, TaskEnd, TaskLaunch } from '../../engine/scheduler/backend.ts';
import { Scheduler } from '../../engine/scheduler/scheduler.ts';
import { Choices } from '../../engine/scheduler/test-random.ts';

export interface Disturbance {
  /** Share of tasks that throw. */
  exceptions?: number;
  /** Share of tasks under which the executor is lost; it is replaced. */
  losses?: number;
  /** So many reducers of the first attempt of a stage that reads a shuffle cannot read a map output. */
  fetchFailures?: number;
}

interface ClusterTask extends TaskLaunch {
  plan: StagePlan;
}

const EMPTY = { bytes: new Uint8Array(1) };

class SimulatedExecutors implements SchedulerBackend {
  readonly #executors = new Map<string, ClusterTask[]>();
  /** Those with tasks, in the order in which they got them. */
  readonly #busy: string[] = [];
  readonly #disturbance: Disturbance;
  readonly #taskMs: number;
  readonly #caches: boolean;
  #listener: (event: BackendEvent) => void = () => {};
  #nextId = 0;
  #paths = 0;
  readonly #choices = new Choices(1);
  tasks = 0;

  constructor(disturbance: Disturbance, taskMs: number, caches: boolean) {
    this.#disturbance = disturbance;
    this.#taskMs = taskMs;
    this.#caches = caches;
  }

  start(listener: (event: BackendEvent) => void): void {
    this.#listener = listener;
  }

  add(): void {
    const executorId = `${this.#nextId++}`;
    this.#executors.set(executorId, []);
    this.#listener({ type: 'executorAdded', executorId, slot: 0, pid: 1 });
  }

  /** Lets the executors answer, one task each in turn, until none has any. */
  run(clock: ManualClock): void {
    const { exceptions = 0, losses = 0 } = this.#disturbance;
    for (;;) {
      for (let at = 0; at < this.#busy.length; at++) {
        const executorId = this.#busy[at]!;
        const queue = this.#executors.get(executorId);
        const task = queue?.shift();
        if (!task) continue;
        if (queue!.length > 0) this.#busy.push(executorId);
        this.tasks += 1;
        if (this.#choices.chance(losses)) this.#lose(executorId);
        else this.#answer(executorId, task, this.#choices.chance(exceptions));
        if (at > 100_000) {
          this.#busy.splice(0, at + 1);
          at = -1;
        }
      }
      this.#busy.length = 0;
      // Nobody runs anything: a timer may have to.
      clock.advance(300);
      if (this.#busy.length === 0) return;
    }
  }

  #lose(executorId: string): void {
    this.#executors.delete(executorId);
    this.#listener({
      type: 'executorRemoved',
      executorId,
      code: 'killed',
      reason: 'simulated',
      causedByTask: false,
    });
    this.add();
  }

  #answer(executorId: string, task: ClusterTask, throws: boolean): void {
    const { taskId, plan, index, partition } = task;
    const end: TaskEnd = {
      taskId,
      reason: throws ? BOOM : SUCCESS,
      metrics: zeroMetrics(),
      startTime: 0,
      endTime: this.#taskMs,
    };
    const input = plan.shuffleInputs[0];
    if (input && plan.attempt === 0 && index < (this.#disturbance.fetchFailures ?? 0)) {
      const { mapIndex, executorId: owner } = input.maps[index % input.maps.length]!;
      const where = { shuffleId: input.shuffleId, mapIndex, reduceId: index, executorId: owner };
      end.reason = { kind: 'fetchFailed', ...where, message: 'simulated' };
    } else if (!throws && plan.output.kind === 'shuffle') {
      const { shuffleId, partitioner } = plan.output.dependency;
      end.mapStatus = this.#mapStatus(shuffleId, index, partitioner.numPartitions, executorId);
    } else if (!throws) end.result = EMPTY;
    if (this.#caches && !throws) {
      const { rddId } = plan.nodes.at(-1)!;
      end.cachedBlocks = [{ rddId, partition, bytes: 1, onDisk: false }];
    }
    this.#listener({ type: 'taskEnded', executorId, end });
  }

  #mapStatus(shuffleId: number, mapIndex: number, reducers: number, executorId: string): MapStatus {
    return {
      shuffleId,
      mapIndex,
      path: `/blocks/shuffle_${shuffleId}_${mapIndex}_${this.#paths++}.data`,
      executorId,
      sizes: new Float64Array(reducers).fill(100),
      records: 1,
      rowChecksums: new Uint32Array(reducers).fill(mapIndex),
    };
  }

  launchTasks(executorId: string, plan: StagePlan, tasks: TaskLaunch[]): void {
    const queue = this.#executors.get(executorId);
    if (!queue) return;
    if (queue.length === 0) this.#busy.push(executorId);
    for (const task of tasks) queue.push({ ...task, plan });
  }

  makeReplica(): void {}
  adoptReplica(): void {}
  dropReplica(): void {}
  dropBlock(): void {}
  dropShared(): void {}
  clearSlowness(): void {}
  killTask(): void {}
  takeBack(): undefined {}
  answerCommit(): void {}
  answerBarrier(): void {}
  forgetStage(): void {}
  forgetClosures(): void {}
  dropRdd(): void {}
  dropBroadcast(): void {}
  killExecutor(): void {}
  async stop(): Promise<void> {}
}

const SUCCESS: TaskEndReason = { kind: 'success' };
const BOOM: TaskEndReason = {
  kind: 'exception',
  error: { code: 'USER', name: 'Error', message: 'simulated' },
};

export interface ClusterRun {
  nodes: RddNode[];
  /** Computed one after the other, by their ids. */
  actions: number[];
  executors: number;
  /** What a task takes, as executors report it: tiny tasks are handed out in batches. */
  taskMs: number;
  disturbance?: Disturbance;
  /** Every task caches what it computes. */
  caches?: boolean;
}

export interface ClusterCost {
  /** Tasks that ran, tried again or not. */
  tasks: number;
  /** Of CPU, per task that ran. */
  microseconds: number;
  /** Megabytes that the scheduler keeps at the end, before the RDDs are forgotten. */
  kept: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function megabytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

export async function runCluster(run: ClusterRun): Promise<ClusterCost> {
  const { nodes, actions, executors, taskMs, disturbance = {}, caches = false } = run;
  const before = megabytes();
  const backend = new SimulatedExecutors(disturbance, taskMs, caches);
  const clock = new ManualClock(0);
  const scheduler = new Scheduler({
    backend,
    clock,
    emit: () => {},
    finishPreparation: () => new Uint8Array(),
    maxResultSize: Number.MAX_SAFE_INTEGER,
    removeFile: () => {},
  });
  const started = process.cpuUsage();
  for (let i = 0; i < executors; i++) backend.add();
  for (const [at, rddId] of actions.entries()) {
    const { numPartitions } = nodes.find((node) => node.rddId === rddId)!;
    const job: JobSubmission = {
      nodes: at === 0 ? nodes : [],
      closures: [],
      rddId,
      partitions: Array.from({ length: numPartitions }, (_, partition) => partition),
      action: { kind: 'countPartition' },
      name: 'count',
    };
    const { results } = scheduler.submitJob(job);
    backend.run(clock);
    await results;
  }
  const { user, system } = process.cpuUsage(started);
  const kept = megabytes() - before;
  if (!scheduler.idle) throw new Error('the simulated cluster left something running');
  scheduler.forget(nodes.map((node) => node.rddId));
  if (!scheduler.empty) throw new Error('the simulated cluster left something behind');
  return { tasks: backend.tasks, microseconds: (user + system) / backend.tasks, kept };
}
