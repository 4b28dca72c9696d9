/** Control's side of jobs: takes what the driver submits to the scheduler and sends the results back. */
import { rmSync } from 'node:fs';
import { systemClock } from '../clock.ts';
import { errorToData } from '../errors.ts';
import { ExecutorPool } from '../executor/executor-pool.ts';
import { FaultyBackend } from '../executor/faulty-backend.ts';
import type { EngineEvent } from '../protocol.ts';
import { finishPreparation } from '../rdd/preparation.ts';
import { Scheduler, type TaskOutput } from '../scheduler/scheduler.ts';
import type { FromDriver, ToDriver } from './driver-messages.ts';
import type { FaultAnswer, FaultOrder, KernelConfig } from './messages.ts';
import { RoomRequest } from './room-request.ts';

export type JobMessage = Extract<
  FromDriver,
  {
    type:
      | 'submitJob'
      | 'cancelJob'
      | 'askResults'
      | 'askStatus'
      | 'persist'
      | 'setName'
      | 'replan'
      | 'forget'
      | 'dropBroadcast'
      | 'letGo'
      | 'accumulated';
  }
>;

export interface JobDeskOptions {
  config: KernelConfig;
  blockDirectory: string;
  nextJobId(): number;
  emit(event: EngineEvent): void;
  taskOutput(output: TaskOutput): void;
  toDriver(message: ToDriver): void;
}

export class JobDesk {
  readonly #options: JobDeskOptions;
  readonly #scheduler: Scheduler;
  readonly #room: RoomRequest;
  /** Running jobs and the runs that submitted them. */
  readonly #running = new Map<number, string | undefined>();
  /** Folders that jobs write to, or failed to: the driver that clears up may be gone before it has. */
  readonly #unsaved = new Set<string>();

  constructor(options: JobDeskOptions) {
    this.#options = options;
    const { config, blockDirectory } = options;
    const pool = new ExecutorPool({
      executors: config.executors,
      memory: config.executorMemory,
      blockDirectory,
      workingDirectory: config.directory,
    });
    this.#room = new RoomRequest(systemClock, () => options.toDriver({ type: 'letGo' }));
    this.#scheduler = new Scheduler({
      backend: config.faults ? new FaultyBackend(pool, config.faults, systemClock) : pool,
      clock: systemClock,
      emit: options.emit,
      finishPreparation,
      parallelism: config.executors,
      ...(config.adaptive ? { adaptive: config.adaptive } : {}),
      onTaskOutput: options.taskOutput,
      onAccumulated: (added) => options.toDriver({ type: 'accumulated', added }),
      makeRoom: () => this.#room.make(),
      nextJobId: options.nextJobId,
      slots: config.executors,
      scheduling: config.scheduling ?? {},
    });
  }

  receive(message: JobMessage): void {
    switch (message.type) {
      case 'submitJob':
        this.#submit(message);
        return;
      case 'cancelJob':
        this.#scheduler.cancelJob(message.jobId, message.reason);
        return;
      case 'askStatus':
        this.#options.toDriver({ type: 'status', answer: this.#scheduler.status(message.question) });
        return;
      case 'askResults': {
        const { jobId } = message;
        const results = this.#scheduler.resultsSoFar(jobId);
        this.#options.toDriver({ type: 'resultsSoFar', jobId, results });
        return;
      }
      case 'persist':
        this.#scheduler.persist(message.rddId, message.level);
        return;
      case 'setName':
        this.#scheduler.setName(message.rddId, message.name);
        return;
      case 'replan':
        this.#scheduler.replan(message.node);
        return;
      case 'forget':
        this.#scheduler.forget(message.rddIds);
        return;
      case 'dropBroadcast':
        this.#scheduler.dropBroadcast(message.id);
        return;
      case 'letGo':
        this.#room.answered();
        return;
      case 'accumulated':
        this.#scheduler.accumulated(message.stageId, message.attempt, message.values);
        return;
      default:
        message satisfies never;
    }
  }

  cancelJob(jobId: number, reason: string): void {
    this.#scheduler.cancelJob(jobId, reason);
  }

  /** Cancels the jobs of a run; without one, all. */
  cancelRun(runId: string | undefined): void {
    for (const [jobId, owner] of [...this.#running]) {
      if (runId === undefined || owner === runId)
        this.#scheduler.cancelJob(jobId, 'the cell was interrupted');
    }
  }

  killExecutor(executorId: string): void {
    this.#scheduler.killExecutor(executorId);
  }

  /** Breaks something on purpose, or ends that; a refusal is an answer. */
  fault(order: FaultOrder): FaultAnswer {
    try {
      if (order.type === 'injectFault') this.#scheduler.injectFault(order.fault, order.by);
      else this.#scheduler.clearFaults(order.faultId, order.by);
      return { ok: true };
    } catch (error) {
      return { ok: false, error: errorToData(error) };
    }
  }

  /** Ends the executors, then removes what jobs that did not come to their end have written. */
  async stop(): Promise<void> {
    await this.#scheduler.stop();
    for (const folder of this.#unsaved) rmSync(folder, { recursive: true, force: true });
  }

  #submit({ jobId, job }: Extract<JobMessage, { type: 'submitJob' }>): void {
    const { toDriver } = this.#options;
    this.#running.set(jobId, job.runId);
    const folder = job.action.kind === 'saveAsFile' ? job.action.directory : undefined;
    if (folder !== undefined) this.#unsaved.add(folder);
    const { results } = this.#scheduler.submitJob(job, jobId);
    results.then(
      (rows) => {
        this.#running.delete(jobId);
        if (folder !== undefined) this.#unsaved.delete(folder);
        toDriver({ type: 'jobSucceeded', jobId, results: rows });
      },
      (error) => {
        this.#running.delete(jobId);
        toDriver({ type: 'jobFailed', jobId, error: errorToData(error) });
      },
    );
  }
}
