/**
 * An executor without its process: takes messages, runs the queued tasks one after the other, sends messages.
 *
 * Task ends that fall into one millisecond leave together. Each task has a turn of the event loop of its own, so that
 * a rejection it left unhandled surfaces before the next one begins, and messages are heard between tasks.
 */
import { systemClock } from '../clock.ts';
import type { HandleReader } from '../closure/closure.ts';
import { errorToData, isInstance } from '../errors.ts';
import { zeroMetrics } from '../fold/progress.ts';
import type { AccumulatorHandle } from '../rdd/accumulation.ts';
import type { BroadcastHandle } from '../rdd/broadcast-file.ts';
import type { TaskEnd, TaskLaunch } from '../scheduler/backend.ts';
import { care } from '../storage/care.ts';
import { MemoryManager } from '../storage/memory-manager.ts';
import { BroadcastStore } from './broadcast-store.ts';
import { Cancellation, TaskKilled } from './cancellation.ts';
import { CpuClock } from './cpu-clock.ts';
import { ExecutorBlocks } from './executor-blocks.ts';
import type { GcClock } from './gc-clock.ts';
import { GroupReadAhead } from './group-read-ahead.ts';
import { LeftBehind } from './lent-rows.ts';
import type { ExecutorConfig, FromExecutor, ToExecutor } from './messages.ts';
import type { PreparedStage } from './prepared-stage.ts';
import { AsyncNeeded } from './push-loop.ts';
import { runTask, type TaskOutcome } from './run-task.ts';
import { SlotReports } from './slot-reports.ts';
import { type StageEntry, StageStore } from './stage-store.ts';
import { TaskStarts } from './take-back.ts';
import { taskAccumulator } from './task-accumulator.ts';
import { failEnd, settleAlone, tellDisorder } from './task-end.ts';
import { failedWith } from './task-error-codes.ts';
import { TaskFile } from './task-file.ts';
import { TaskOutput } from './task-output.ts';
import { TaskPace } from './task-pace.ts';
import { TaskRequests } from './task-requests.ts';
import { type ExecutorServices, TaskRun } from './task-run.ts';
import { currentTask, type TaskScope } from './task-scope.ts';

/** A task that took longer waits a turn for the report of its garbage collections. */
const LONG_TASK = 2;
const TAKEN_BACK = 'it waited behind another task and was taken back';
/** How long the ends of tasks are gathered while more of them follow, milliseconds. */
const SEND_INTERVAL = 5;
/** Of longer chains no rows per operator are reported: the counts of every task would weigh more than its result. */
const MOST_COUNTED_NODES = 1000;

interface QueuedTask {
  entry: StageEntry;
  launch: TaskLaunch;
}

interface RunningTask {
  run: TaskRun;
  started: number;
  startTime: number;
}

export class ExecutorSlot {
  readonly config: ExecutorConfig;
  readonly #send: (messages: FromExecutor[]) => void;
  readonly #services: ExecutorServices;
  readonly #stages: StageStore;
  readonly #broadcasts: BroadcastStore;
  readonly #gc: GcClock | undefined;
  readonly #taskFile: TaskFile | undefined;
  readonly #starts: TaskStarts | undefined;
  readonly #output: TaskOutput;
  readonly #blocks: ExecutorBlocks;
  readonly #requests: TaskRequests;
  readonly #reports: SlotReports;
  readonly #ahead: GroupReadAhead;
  readonly #cpu = new CpuClock();
  /** Told of a failure of the slot itself (user code changed the language under it): a task's end would never be told. */
  readonly #broken: (error: unknown) => void;
  #queue: QueuedTask[] = [];
  #running: RunningTask | undefined;
  /** Of the running task, when it is slowed. */
  #pace: TaskPace | undefined;
  /** Ended, but its end has not left: an unhandled rejection may still turn it into a failure. */
  #ending: { run: TaskRun; end: TaskEnd; started: number; ended: number } | undefined;
  #outbox: FromExecutor[] = [];
  #unsentEnds = 0;
  #sentAt = 0;
  #pumping = false;
  #closed = false;

  constructor(
    config: ExecutorConfig,
    send: (messages: FromExecutor[]) => void,
    gc?: GcClock,
    broken: (error: unknown) => void = rethrow,
  ) {
    this.#broken = broken;
    this.config = config;
    this.#send = send;
    this.#gc = gc;
    const memory = new MemoryManager(config.memory);
    this.#reports = new SlotReports(memory);
    this.#ahead = new GroupReadAhead(config.memory);
    const post = (message: FromExecutor): void => this.#post(message);
    const flush = (): void => this.flush();
    this.#blocks = new ExecutorBlocks(config, memory, post, flush, () => this.#running?.run);
    this.#requests = new TaskRequests((message) => {
      this.#post(message);
      this.flush();
    });
    this.#services = {
      config,
      memory,
      blocks: this.#blocks.manager,
      disordered: this.#blocks.disordered,
      requestCommit: (taskId) => this.#requests.commit(taskId),
      requestBarrier: (taskId, epoch, method, message) =>
        this.#requests.barrier(taskId, epoch, method, message),
    };
    const handles: HandleReader = (type, data, values) =>
      type === 'broadcast'
        ? this.#broadcasts.open(data as BroadcastHandle)
        : taskAccumulator(data as AccumulatorHandle, values);
    this.#broadcasts = new BroadcastStore(memory, handles);
    this.#stages = new StageStore(config.workingDirectory, handles);
    this.#taskFile = config.taskFile === '' ? undefined : new TaskFile(config.taskFile);
    this.#starts = this.#taskFile && new TaskStarts(this.#taskFile);
    this.#output = new TaskOutput(post, () => this.#guarded(flush));
  }

  receive(message: Exclude<ToExecutor, { type: 'init' | 'shutdown' }>): void {
    switch (message.type) {
      case 'stage':
        this.#stages.add(message.plan, message.closures);
        return;
      case 'tasks':
        this.#enqueue(message.stageId, message.stageAttempt, message.tasks);
        return;
      case 'killTask':
        this.#kill(message.taskId, message.reason);
        return;
      case 'commitReply':
      case 'barrierReply':
        this.#requests.receive(message);
        return;
      case 'makeReplica':
      case 'adoptReplica':
      case 'dropReplica':
      case 'dropReplicasOf':
      case 'dropRdd':
      case 'dropBlock':
        this.#blocks.receive(message);
        return;
      case 'clearSlowness':
        this.#hurry(message.faultIds);
        return;
      case 'dropBroadcast':
        this.#broadcasts.drop(message.id);
        return;
      case 'forgetStage':
        this.#stages.forget(message.stageId, message.attempt);
        return;
      case 'forgetClosures':
        this.#stages.forgetClosures(message.ids);
        return;
      case 'ping':
        this.#post({ type: 'pong', id: message.id });
        this.flush();
        return;
      default:
        message satisfies never;
    }
  }

  /** Output of user code; the task it belongs to is the running one, or the one before. */
  write(stream: 'stdout' | 'stderr', text: string): void {
    this.#output.write(stream, text);
  }

  /** An error that user code let fall outside of any call: an unhandled rejection, a throw in a timer. */
  failRunning(error: unknown, origin?: NodeJS.UncaughtExceptionOrigin): void {
    // With these the engine ends calls.
    if ([TaskKilled, AsyncNeeded, LeftBehind].some((type) => isInstance(error, type))) return;
    const scope = currentTask();
    // Later callbacks are those of what the call has made, a pool of connections say: whoever uses it waits for them.
    const isTold = scope?.told !== undefined && (origin === 'unhandledRejection' || scope.toldNow === true);
    // Made of one of them, in a pass or a task that counts for nothing.
    if (isTold && scope.added.state === 'dropped') return;
    const isLate = isTold && (scope.told === 'left' || scope.added.state === 'ended');
    const run = this.#running?.run;
    const ending = this.#ending;
    if (run !== undefined && !isLate) {
      if (run.loop.asyncNeeded === undefined) run.cancellation.fail(error);
    } else if (ending?.end.reason.kind === 'success' && !isLate && isOf(ending.run, scope)) {
      failEnd(ending.run, ending.end, error);
    } else {
      const { name, message } = errorToData(error);
      this.#output.write('stderr', `${name}: ${message} (after the task had ended)\n`);
    }
  }

  flush(): void {
    this.#output.flush();
    this.#deliver();
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#taskFile?.close();
  }

  #post(message: FromExecutor): void {
    this.#outbox.push(message);
  }

  #deliver(): void {
    if (this.#outbox.length === 0 || this.#closed) return;
    const messages = this.#outbox;
    this.#outbox = [];
    this.#unsentEnds = 0;
    this.#sentAt = performance.now();
    this.#send(messages);
  }

  #enqueue(stageId: number, attempt: number, tasks: TaskLaunch[]): void {
    const entry = this.#stages.get(stageId, attempt);
    for (const launch of tasks) {
      if (entry !== undefined) this.#queue.push({ entry, launch });
      else this.#refuse(launch, new Error(`stage ${stageId}.${attempt} was not sent to this executor`));
    }
    this.#pump();
  }

  #hurry(faultIds: number[]): void {
    if (this.#pace && faultIds.includes(this.#pace.slow.faultId)) this.#pace.hurry();
    for (const { launch } of this.#queue)
      if (launch.slow && faultIds.includes(launch.slow.faultId)) delete launch.slow;
  }

  #kill(taskId: number, reason: string): void {
    if (this.#running?.run.launch.taskId === taskId) {
      this.#running.run.cancellation.kill(reason);
      return;
    }
    const queued = this.#queue.findIndex((task) => task.launch.taskId === taskId);
    if (queued < 0) return;
    this.#queue.splice(queued, 1);
    this.#leave(taskId, reason);
  }

  /** It is not begun. */
  #leave(taskId: number, why: string): void {
    const now = systemClock.now();
    const reason = { kind: 'killed', reason: why } as const;
    this.#end({ taskId, reason, metrics: zeroMetrics(), startTime: now, endTime: now });
    this.#pump();
  }

  #end(end: TaskEnd): void {
    this.#post({ type: 'taskEnded', end });
  }

  /** The stage cannot be prepared: its tasks fail without having run. */
  #refuse(launch: TaskLaunch, error: unknown): void {
    const now = systemClock.now();
    const reason = failedWith(errorToData(error));
    this.#end({ taskId: launch.taskId, reason, metrics: zeroMetrics(), startTime: now, endTime: now });
  }

  /** Runs one task per turn of the event loop while there are any. */
  #pump(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    setImmediate(() => this.#guarded(() => this.#turn()));
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#broken(error);
    }
  }

  #turn(): void {
    this.#pumping = false;
    this.#settleEnding();
    const next = this.#queue[0];
    if (next === undefined || this.#running !== undefined || this.#closed) {
      if (next === undefined && this.#running === undefined) this.#ahead.drop();
      this.flush();
      this.reportMetrics();
      return;
    }
    const { entry, launch } = next;
    if (entry.stage === undefined && entry.failure === undefined) {
      this.flush();
      void entry.ready.then(() => this.#pump());
      return;
    }
    this.#queue.shift();
    if (this.#starts?.mayBegin(launch) === false) {
      this.#leave(launch.taskId, TAKEN_BACK);
      return;
    }
    if (entry.stage === undefined) this.#refuse(launch, entry.failure?.error);
    else this.#start(entry, entry.stage, launch);
    this.#pump();
  }

  #start(entry: StageEntry, stage: PreparedStage, launch: TaskLaunch): void {
    const cancellation = new Cancellation(launch.taskId, this.#taskFile, () => this.#look());
    const run = new TaskRun(stage, launch, this.#services, cancellation, this.#ahead.reader(stage, launch));
    run.metrics.executorDeserializeTime = entry.deserializeTime;
    entry.deserializeTime = 0;
    const running = { run, started: performance.now(), startTime: systemClock.now() };
    this.#cpu.begin(running.started);
    this.#gc?.begin(running.started);
    this.#running = running;
    this.#output.begin(launch.taskId);
    this.#post({ type: 'taskStarted', taskId: launch.taskId });
    if (running.started - this.#sentAt > SEND_INTERVAL) this.#deliver();
    care.isTaken = launch.careful === true;
    this.#pace = launch.slow && new TaskPace(launch.slow);
    const outcome = this.#pace ? this.#pace.run(run) : runTask(run);
    if (outcome instanceof Promise) {
      this.flush();
      void outcome.then((late) => this.#finish(running, late)).catch(this.#broken);
    } else this.#finish(running, outcome);
  }

  #finish({ run, started, startTime }: RunningTask, outcome: TaskOutcome): void {
    const ended = performance.now();
    this.#gc?.end();
    run.complete(ended - started, this.#cpu.end(ended));
    this.#running = undefined;
    care.isTaken = false;
    this.#pace = undefined;
    this.#requests.taskOver(run.launch.taskId);
    const { plan } = run.stage;
    const end: TaskEnd = {
      taskId: run.launch.taskId,
      ...outcome,
      metrics: run.metrics,
      startTime,
      endTime: systemClock.now(),
    };
    if (plan.nodes.length <= MOST_COUNTED_NODES) {
      end.rowsByRdd = firstOf(run.loop.rows, plan.nodes.length);
      end.operatorTimes = run.loop.clock.times();
    }
    if (run.cachedBlocks.length > 0) end.cachedBlocks = run.cachedBlocks;
    if (run.disordered) tellDisorder(end);
    this.#ending = { run, end, started, ended };
    this.#pump();
  }

  /** A turn after the task: its unhandled rejections and garbage collections have been reported by now. */
  #settleEnding(): void {
    if (this.#ending === undefined) return;
    const { run, end, started, ended } = this.#ending;
    this.#ending = undefined;
    if (run.heldAlone.length > 0) settleAlone(run, end);
    run.scope.added.clear();
    if (this.#gc !== undefined && ended - started > LONG_TASK)
      end.metrics.gcTime = this.#gc.within(started, ended);
    this.#output.flush();
    const last = this.#outbox.at(-1);
    // Its end says as much.
    if (last?.type === 'taskStarted' && last.taskId === end.taskId) this.#outbox.pop();
    this.#post({ type: 'taskEnded', end });
    this.#unsentEnds++;
    // Half of what there was is done: the next tasks are on their way while the other half runs.
    if (this.#unsentEnds >= this.#queue.length || performance.now() - this.#sentAt > SEND_INTERVAL)
      this.#deliver();
  }

  /** Between rows of a long task. */
  #look(): void {
    this.#gc?.look(performance.now());
    this.flush();
    this.reportMetrics();
  }

  /** Progress and memory, when it is time. */
  reportMetrics(): void {
    const reports = this.#reports.due(this.#running);
    if (reports.length === 0) return;
    this.#outbox.push(...reports);
    this.#deliver();
  }
}

/** Nothing that has ended waits for what another task left behind. */
function isOf(run: TaskRun, scope: TaskScope | undefined): boolean {
  return scope === undefined || scope.context === run.context;
}

/** As `Array.from` of a part, in a twentieth of its time. */
function firstOf(numbers: ArrayLike<number>, count: number): number[] {
  const first: number[] = [];
  for (let i = 0; i < count; i++) first.push(numbers[i]!);
  return first;
}

function rethrow(error: unknown): never {
  throw error;
}
