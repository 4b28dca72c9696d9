/**
 * A backend that injects faults into another one by a seed: what happens to a task that ended well depends on the
 * seed and the task's id alone. The faults are those a job must survive with the same result, so none is repeated
 * until a limit on retries is reached: a task throws in its first attempt only, a shuffle loses one output at most
 * (a join reads two, and four fetch failures in a row are the end).
 */
import { closeSync, openSync, rmSync, statSync, truncateSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { MapStatus } from '../rdd/plan.ts';
import type {
  BackendEvent,
  BarrierAnswer,
  SchedulerBackend,
  TakenBack,
  TaskEnd,
} from '../scheduler/backend.ts';
import { flipByte } from '../shuffle/damage-map-output.ts';
import { hashInt } from '../storage/murmur3.ts';

export interface FaultOptions {
  seed: number;
  /** Share of the tasks that are struck, from 0 to 1. */
  rate: number;
}

export const FAULTS = [
  /** The executor dies after it has answered: its cached partitions and queued tasks go. */
  'kill',
  /** The executor dies and its answer with it. */
  'loseAnswer',
  'throw',
  'delayAnswer',
  'repeatAnswer',
  'deleteOutput',
  'corruptOutput',
  'truncateOutput',
] as const;
export type Fault = (typeof FAULTS)[number];

const DELAY_MS = 100;

/** The fault that strikes a task, if any. */
export function faultOf({ seed, rate }: FaultOptions, taskId: number): Fault | undefined {
  const strikes = (hashInt(taskId, hashInt(seed, 1)) >>> 0) / 2 ** 32;
  if (strikes >= rate) return undefined;
  return FAULTS[(hashInt(taskId, hashInt(seed, 2)) >>> 0) % FAULTS.length];
}

export class FaultyBackend implements SchedulerBackend {
  readonly #inner: SchedulerBackend;
  readonly #options: FaultOptions;
  readonly #clock: Clock;
  /** Tasks that run or wait, by executor: of one that dies not all are told of. */
  readonly #firstAttempts = new Map<string, Set<number>>();
  readonly #damaged = new Set<number>();
  #listener: (event: BackendEvent) => void = () => {};

  constructor(inner: SchedulerBackend, options: FaultOptions, clock: Clock) {
    this.#inner = inner;
    this.#options = options;
    this.#clock = clock;
  }

  start(listener: (event: BackendEvent) => void): void {
    this.#listener = listener;
    this.#inner.start((event) => {
      if (event.type === 'executorRemoved') this.#firstAttempts.delete(event.executorId);
      if (event.type === 'taskEnded') this.#ended(event.executorId, event.end);
      else listener(event);
    });
  }

  launchTasks(...[executorId, plan, tasks, closures]: Parameters<SchedulerBackend['launchTasks']>): void {
    const first = this.#firstAttempts.get(executorId) ?? new Set();
    for (const { taskId, attempt } of tasks) if (attempt === 0) first.add(taskId);
    this.#firstAttempts.set(executorId, first);
    this.#inner.launchTasks(executorId, plan, tasks, closures);
  }

  #ended(executorId: string, end: TaskEnd): void {
    const isFirst = this.#firstAttempts.get(executorId)?.delete(end.taskId) ?? false;
    const deliver = (delivered: TaskEnd) => this.#listener({ type: 'taskEnded', executorId, end: delivered });
    const fault = end.reason.kind === 'success' ? faultOf(this.#options, end.taskId) : undefined;
    switch (fault) {
      case 'kill':
        deliver(end);
        this.#inner.killExecutor(executorId);
        return;
      case 'loseAnswer':
        this.#inner.killExecutor(executorId);
        return;
      case 'throw':
        if (isFirst) this.#dropBlocks(executorId, end);
        deliver(isFirst ? thrown(end) : end);
        return;
      case 'delayAnswer':
        this.#clock.after(DELAY_MS, () => deliver(end));
        return;
      case 'repeatAnswer':
        deliver(end);
        deliver(end);
        return;
      case 'deleteOutput':
      case 'corruptOutput':
      case 'truncateOutput':
        if (end.mapStatus) this.#damage(end.mapStatus, fault);
        deliver(end);
        return;
      case undefined:
        deliver(end);
        return;
      default:
        fault satisfies never;
    }
  }

  /** The next attempt would find what this one cached, and add nothing to accumulators. */
  #dropBlocks(executorId: string, { cachedBlocks = [] }: TaskEnd): void {
    for (const { rddId, partition } of cachedBlocks) this.#inner.dropBlock(executorId, rddId, partition);
  }

  #damage({ shuffleId, path }: MapStatus, fault: Fault): void {
    if (this.#damaged.has(shuffleId)) return;
    this.#damaged.add(shuffleId);
    const { size } = statSync(path);
    if (fault === 'deleteOutput' || size === 0) rmSync(path);
    else if (fault === 'truncateOutput') truncateSync(path, Math.floor(size / 2));
    else flipFileByte(path, Math.floor(size / 2));
  }

  killTask(executorId: string, taskId: number, reason: string, graceMs: number): void {
    this.#inner.killTask(executorId, taskId, reason, graceMs);
  }

  takeBack(executorId: string): TakenBack | undefined {
    return this.#inner.takeBack(executorId);
  }

  answerCommit(executorId: string, taskId: number, allowed: boolean): void {
    this.#inner.answerCommit(executorId, taskId, allowed);
  }

  answerBarrier(executorId: string, taskId: number, answer: BarrierAnswer): void {
    this.#inner.answerBarrier(executorId, taskId, answer);
  }

  forgetStage(stageId: number, attempt: number): void {
    this.#inner.forgetStage(stageId, attempt);
  }

  forgetClosures(ids: string[]): void {
    this.#inner.forgetClosures(ids);
  }

  makeReplica(...[executorId, block]: Parameters<SchedulerBackend['makeReplica']>): void {
    this.#inner.makeReplica(executorId, block);
  }

  adoptReplica(...[executorId, replica]: Parameters<SchedulerBackend['adoptReplica']>): void {
    this.#inner.adoptReplica(executorId, replica);
  }

  dropReplica(...[executorId, replica]: Parameters<SchedulerBackend['dropReplica']>): void {
    this.#inner.dropReplica(executorId, replica);
  }

  dropRdd(rddId: number): void {
    this.#inner.dropRdd(rddId);
  }

  dropBroadcast(id: number): void {
    this.#inner.dropBroadcast(id);
  }

  dropBlock(executorId: string, rddId: number, partition: number): void {
    this.#inner.dropBlock(executorId, rddId, partition);
  }

  dropShared(rddId: number, generation?: number): void {
    this.#inner.dropShared(rddId, generation);
  }

  clearSlowness(faultIds: number[]): void {
    this.#inner.clearSlowness(faultIds);
  }

  killExecutor(executorId: string, reason?: string): void {
    this.#inner.killExecutor(executorId, reason);
  }

  stop(): Promise<void> {
    return this.#inner.stop();
  }
}

/** The same end as if the task had thrown; what it left behind goes. */
function thrown({
  result,
  mapStatus: _output,
  cachedBlocks: _blocks,
  accumulators,
  ...end
}: TaskEnd): TaskEnd {
  const values = (accumulators ?? []).flatMap((added) => (added.kind === 'sum' ? [] : [added.value]));
  for (const left of result ? [result, ...values] : values)
    if ('file' in left) rmSync(left.file, { force: true });
  const error = { code: 'INJECTED_FAULT', name: 'InjectedFault', message: 'thrown on purpose (--faults)' };
  return { ...end, reason: { kind: 'exception', error } };
}

function flipFileByte(path: string, at: number): void {
  const file = openSync(path, 'r+');
  flipByte(file, at);
  closeSync(file);
}
