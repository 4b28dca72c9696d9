/**
 * Valid event streams from a seed, for tests and benchmarks: an application whose jobs have shared, skipped, failed and
 * retried stages, tasks that fail and are killed, executors that die, and a notebook that is edited meanwhile.
 */
import type { RddInfo, StageInfo, StagelightEvent, TaskInfo, TaskMetrics } from '../protocol.ts';
import { TASK_METRICS } from '../protocol.ts';
import { seededRandom } from '../testing-random.ts';
import { zeroMetrics } from './progress.ts';

export interface GeneratorOptions {
  seed: number;
  jobs?: number;
  /** At most; the number of each stage is drawn. */
  tasksPerStage?: number;
  executors?: number;
  /** Share of task attempts that do not succeed. */
  failureRate?: number;
  /** Leave the last job running, as in a log that was cut. */
  unfinished?: boolean;
}

export function* generateEvents(options: GeneratorOptions): Generator<StagelightEvent, void, void> {
  yield* new EventGenerator(options).run();
}

class EventGenerator {
  readonly #random: () => number;
  readonly #options: Required<GeneratorOptions>;
  #time = 1_800_000_000_000;
  #taskId = 0;
  #stageId = 0;
  #rddId = 0;
  #executorId = 0;
  #run = 0;
  #live: string[] = [];
  #cells: string[] = [];
  #done: StageInfo[] = [];

  constructor(options: GeneratorOptions) {
    this.#random = seededRandom(options.seed);
    this.#options = {
      jobs: 4,
      tasksPerStage: 12,
      executors: 3,
      failureRate: 0.08,
      unfinished: false,
      ...options,
    };
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #chance(rate: number): boolean {
    return this.#random() < rate;
  }

  #tick(): number {
    this.#time += Math.round(this.#random() * 800) / 100;
    return this.#time;
  }

  *run(): Generator<StagelightEvent, void, void> {
    const { jobs, executors, unfinished } = this.#options;
    this.#cells = ['c0', 'c1', 'c2'];
    const cells = this.#cells.map((cellId) => ({
      cellId,
      kind: 'code' as const,
      source: cellId,
      revision: 1,
    }));
    yield { type: 'notebookOpened', path: 'generated.ts', cells, time: this.#tick() };
    yield { type: 'kernelStatus', status: 'busy', time: this.#tick(), pid: 1 };
    yield {
      type: 'applicationStart',
      appId: `app-${this.#options.seed}`,
      name: 'generated',
      time: this.#tick(),
      executors,
      executorMemory: 2 ** 30,
      version: '0.1.0',
    };
    for (let i = 0; i < executors; i++) yield this.#executorAdded();
    for (let jobId = 0; jobId < jobs; jobId++) yield* this.#job(jobId, unfinished && jobId === jobs - 1);
    if (unfinished) return;
    yield { type: 'applicationEnd', time: this.#tick() };
    yield { type: 'kernelStatus', status: 'none', time: this.#tick() };
  }

  #executorAdded(): StagelightEvent {
    const executorId = String(this.#executorId++);
    this.#live.push(executorId);
    return { type: 'executorAdded', executorId, slot: this.#live.length - 1, pid: 1000, time: this.#tick() };
  }

  #stage(kind: StageInfo['kind'], parentIds: number[]): StageInfo {
    const stageId = this.#stageId++;
    const rdds: RddInfo[] = [];
    for (let i = 0; i <= this.#int(3); i++) {
      const rddId = this.#rddId++;
      rdds.push({
        rddId,
        name: i === 0 ? 'textFile' : 'map',
        parentIds: i === 0 ? [] : [rddId - 1],
        numPartitions: 1,
        storageLevel: 'NONE',
      });
    }
    const numTasks = 1 + this.#int(this.#options.tasksPerStage);
    for (const rdd of rdds) rdd.numPartitions = numTasks;
    return { stageId, attempt: 0, kind, name: `stage ${stageId}`, numTasks, parentIds, rdds };
  }

  *#job(jobId: number, unfinished: boolean): Generator<StagelightEvent, void, void> {
    const cellId = this.#cells[this.#int(this.#cells.length)]!;
    const runId = `r${this.#run++}`;
    yield* this.#edit();
    yield { type: 'cellQueued', cellId, runId, time: this.#tick() };
    yield {
      type: 'cellStarted',
      cellId,
      runId,
      time: this.#tick(),
      executionCount: this.#run,
      source: runId,
    };
    const skipped = this.#done.length > 0 && this.#chance(0.5) ? [this.#done.at(-1)!] : [];
    const stages = [...skipped];
    while (stages.length < 1 + skipped.length + this.#int(3)) {
      stages.push(this.#stage('shuffleMap', stages.length > 0 ? [stages.at(-1)!.stageId] : []));
    }
    stages.push(this.#stage('result', [stages.at(-1)!.stageId]));
    const job = { jobId, name: 'collect', runId, cellId };
    if (jobId % 4 === 3) {
      const wait = { code: 'OTHER_LIFE' as const, jobIds: [jobId - 1], rddId: 0, rddName: 'map' };
      yield { type: 'jobWaiting', ...job, time: this.#time, wait };
    }
    yield { type: 'jobStart', ...job, time: this.#tick(), stages };
    for (const stage of skipped) {
      const { stageId } = stage;
      yield { type: 'stageSkipped', stageId, jobId, time: this.#tick(), reason: 'its output is available' };
    }
    let failed = false;
    for (const info of stages.slice(skipped.length)) {
      let attempt = 0;
      while (!failed) {
        const stage = { ...info, attempt };
        yield { type: 'stageSubmitted', stage, jobIds: [jobId], time: this.#tick() };
        if (stage.stageId % 3 === 1) yield this.#adaptivePlan(stage);
        const again = attempt < 2 && this.#chance(0.15);
        yield* this.#tasks(stage, again || (unfinished && info.kind === 'result'));
        yield* this.#output(cellId, runId);
        if (unfinished && info.kind === 'result') return;
        const status = again ? ('failed' as const) : ('complete' as const);
        yield { type: 'stageCompleted', stageId: stage.stageId, attempt, time: this.#tick(), status };
        if (!again) yield this.#accumulated(stage.stageId, attempt);
        if (!again) break;
        attempt++;
        failed = this.#chance(0.2);
      }
      if (info.kind === 'shuffleMap' && !failed) this.#done.push(info);
    }
    yield { type: 'jobEnd', jobId, time: this.#tick(), status: failed ? 'failed' : 'succeeded' };
    yield { type: 'cellFinished', cellId, runId, time: this.#tick(), status: failed ? 'error' : 'ok' };
    yield this.#variables(cellId, runId);
  }

  #adaptivePlan({ stageId, attempt, numTasks }: StageInfo): StagelightEvent {
    const reason = `${4 * numTasks} partitions were put into ${numTasks} tasks`;
    const plan = { kind: 'coalesce' as const, reason, partitions: 4 * numTasks, tasks: numTasks };
    return { type: 'adaptivePlan', stageId, attempt, time: this.#time, ...plan };
  }

  #accumulated(stageId: number, attempt: number): StagelightEvent {
    const values = [{ id: 0, name: 'rows', update: `${stageId + 1}`, value: `${this.#time}` }];
    return { type: 'accumulated', stageId, attempt, time: this.#time, values };
  }

  /** Drawn from the counters, so that the rest of a stream does not depend on it. */
  #variables(cellId: string, runId: string): StagelightEvent {
    const run = this.#run;
    const rdds = [{ rddId: run, name: 'map', parents: [], numPartitions: 2, storageLevel: 'NONE' }];
    const info = { kind: 'rdd', type: 'RDD', preview: `RDD[${run}] map`, expandable: false } as const;
    return {
      type: 'variables',
      time: this.#time,
      changed: [
        { name: `v${run % 4}`, ...info, rddId: run, definedIn: cellId, changedBy: { cellId, runId } },
      ],
      removed: run % 5 === 0 ? [`v${(run + 1) % 4}`] : [],
      total: 4,
      ...(run % 2 === 0 ? { rdds } : {}),
    };
  }

  /** Runs a stage's tasks over the executors; `cut` stops half way, its running tasks killed. */
  *#tasks(stage: StageInfo, cut: boolean): Generator<StagelightEvent, void, void> {
    const waiting = Array.from({ length: stage.numTasks }, (_, index) => ({ index, attempt: 0 }));
    const running = new Map<string, TaskInfo>();
    let budget = cut ? Math.ceil(stage.numTasks / 2) : Number.POSITIVE_INFINITY;
    let next = 0;
    while ((waiting.length > next || running.size > 0) && budget > 0) {
      const free = this.#live.filter((executorId) => !running.has(executorId));
      if (waiting.length > next && free.length > 0 && (running.size === 0 || this.#chance(0.6))) {
        const { index, attempt } = waiting[next++]!;
        const executorId = free[this.#int(free.length)]!;
        const task: TaskInfo = {
          taskId: this.#taskId++,
          stageId: stage.stageId,
          stageAttempt: stage.attempt,
          index,
          partition: index,
          attempt,
          executorId,
          launchTime: this.#tick(),
          ...(stage.stageId % 3 === 1 ? { numPartitions: 4 } : {}),
        };
        running.set(executorId, task);
        // Of some that fail later: drawn from nothing, so that streams of a seed stay what they were.
        if (attempt > 0 && task.taskId % 3 === 0) {
          const { stageId, stageAttempt, partition } = task;
          const slow = {
            stageId,
            stageAttempt,
            index,
            partition,
            executorId,
            time: this.#time,
            reason: 'slow',
          };
          yield { type: 'speculativeTaskSubmitted', ...slow };
        }
        yield { type: 'taskStart', task };
        continue;
      }
      const [executorId, task] = [...running][this.#int(running.size)]!;
      running.delete(executorId);
      budget--;
      if (this.#chance(this.#options.failureRate) && task.attempt < 3) {
        waiting.push({ index: task.index, attempt: task.attempt + 1 });
        yield* this.#failure(task);
        yield* this.#exclusion(task);
      } else yield this.#success(task, stage);
    }
    for (const task of running.values()) {
      yield {
        type: 'taskEnd',
        task,
        finishTime: this.#tick(),
        status: 'killed',
        reason: { kind: 'killed', reason: 'the stage failed' },
        metrics: zeroMetrics(),
      };
    }
  }

  #success(task: TaskInfo, stage: StageInfo): StagelightEvent {
    const finishTime = this.#tick();
    const rowsByRdd = stage.rdds.map(() => (this.#chance(0.2) ? -1 : this.#int(1_000)));
    const metrics = this.#metrics(finishTime - task.launchTime);
    const time = () => (this.#chance(0.2) ? -1 : this.#int(100));
    const operatorTimes = { byRdd: stage.rdds.map(time), shuffleRead: time(), output: time() };
    return {
      type: 'taskEnd',
      task,
      finishTime,
      status: 'success',
      reason: { kind: 'success' },
      metrics,
      rowsByRdd,
      ...(this.#chance(0.9) && { operatorTimes }),
    };
  }

  *#exclusion({
    taskId,
    executorId,
    stageId,
    stageAttempt,
  }: TaskInfo): Generator<StagelightEvent, void, void> {
    const base = { executorId, time: this.#time, reason: '2 tasks failed on it' };
    if (taskId % 2 === 0) yield { type: 'executorExcluded', ...base, failedTasks: 2, stageId, stageAttempt };
    else yield { type: 'executorExcluded', ...base, failedTasks: 2, until: this.#time + 1_000 };
    if (taskId % 5 === 0) yield { type: 'executorUnexcluded', ...base };
  }

  *#failure(task: TaskInfo): Generator<StagelightEvent, void, void> {
    const { executorId } = task;
    const common = { type: 'taskEnd', task, status: 'failed', metrics: zeroMetrics() } as const;
    if (this.#chance(0.7)) {
      const error = { code: 'USER', name: 'TypeError', message: `task ${task.taskId} threw` };
      yield { ...common, finishTime: this.#tick(), reason: { kind: 'exception', error } };
      return;
    }
    this.#live = this.#live.filter((id) => id !== executorId);
    yield { type: 'executorRemoved', executorId, time: this.#tick(), reason: 'exit code 1', code: 'exit' };
    yield {
      ...common,
      finishTime: this.#tick(),
      reason: { kind: 'executorLost', executorId, reason: 'exit code 1', causedByTask: true },
    };
    yield this.#executorAdded();
  }

  #metrics(duration: number): TaskMetrics {
    const metrics = zeroMetrics();
    for (const name of TASK_METRICS) if (this.#chance(0.4)) metrics[name] = this.#int(10_000);
    metrics.executorRunTime = Math.floor(duration);
    metrics.shuffleReadTime = Math.min(metrics.shuffleReadTime, Math.floor(duration / 4));
    metrics.shuffleWriteTime = Math.min(metrics.shuffleWriteTime, Math.floor(duration / 4));
    return metrics;
  }

  *#output(cellId: string, runId: string): Generator<StagelightEvent, void, void> {
    const stream = this.#chance(0.5) ? ('stdout' as const) : ('stderr' as const);
    for (let i = 0; i < this.#int(3); i++) {
      yield { type: 'cellOutput', cellId, runId, output: { kind: 'stream', stream, text: `line ${i}\n` } };
    }
    const executorId = this.#live[0]!;
    const rddId = this.#int(this.#rddId);
    yield {
      type: 'blockCached',
      rddId,
      partition: this.#int(4),
      executorId,
      bytes: this.#int(1e6),
      onDisk: false,
    };
    if (this.#chance(0.3)) yield { type: 'unpersistRdd', rddId };
    if (this.#chance(0.3)) yield { type: 'rddName', rddId, name: `named ${rddId}` };
    if (this.#chance(0.3)) {
      const rss = this.#int(1e9);
      const metrics = { heapUsed: rss >> 1, rss, storageMemory: 0, executionMemory: 0 };
      yield { type: 'executorMetrics', executorId, time: this.#tick(), ...metrics };
    }
  }

  *#edit(): Generator<StagelightEvent, void, void> {
    const cellId = this.#cells[this.#int(this.#cells.length)]!;
    const choice = this.#int(6);
    if (choice === 0) {
      yield { type: 'cellEdited', cellId, source: `edit ${this.#run}`, revision: 2 + this.#run };
      const error = { code: 'SYNTAX', name: 'StagelightError', message: 'Unexpected token' };
      const names = { definitions: [`d${this.#run}`], references: [cellId] };
      yield { type: 'cellAnalyzed', cellId, ...names, ...(this.#run % 2 === 0 && { error }) };
    }
    if (choice === 1) yield { type: 'cellMoved', cellId, index: this.#int(3) };
    if (choice === 2) {
      const added = `n${this.#run}`;
      this.#cells.push(added);
      const cell = { cellId: added, kind: 'markdown' as const, source: '', revision: 1 };
      yield { type: 'cellInserted', cell, index: this.#int(3) };
    }
    if (choice === 3 && this.#cells.length > 2) {
      this.#cells = this.#cells.filter((id) => id !== cellId);
      yield { type: 'cellDeleted', cellId, time: this.#tick() };
    }
    if (choice === 4) yield { type: 'cellKindChanged', cellId, kind: 'code' };
    if (choice === 5) {
      yield { type: 'notebookSaved', time: this.#tick() };
      const error = { code: 'OUTPUTS_NOT_SAVED', name: 'StagelightError', message: 'the disk is full' };
      yield { type: 'outputsSaved', time: this.#tick(), ...(this.#run % 2 === 0 && { error }) };
    }
  }
}
