/**
 * The DAG scheduler: cuts jobs into stages at shuffle dependencies, submits a stage when the map outputs it reads are
 * available, and recovers lost outputs by running what made them again.
 *
 * `step(event, now)` is total: it has no clock, no randomness and no I/O, and returns what the world is to do.
 */
import { errorToData } from '../errors.ts';
import type { StorageLevel } from '../rdd/plan.ts';
import { barrierTaskFailed } from './barrier-stage.ts';
import { DAG_DEFAULTS, type DagOptions, DagState } from './dag-state.ts';
import type { DagCommand, DagEvent } from './events.ts';
import { taskFailed } from './failure.ts';
import { fetchFailed, resubmitFailed } from './fetch-failure.ts';
import { dropRdd, forget } from './forget.ts';
import { cancelled, failJob, failPreparation } from './job-end.ts';
import { startHeld, startJob, submitJob } from './job-start.ts';
import { refusesBlock } from './kept-order.ts';
import { lostMeanwhile } from './recompute-causes.ts';
import { replan } from './replan.ts';
import { adoptReplica, replicaMade, replicateAgain, replicateAll } from './replication.ts';
import { dropLate, isThere, keepForJobs, takeShared } from './shared-blocks.ts';
import { isRunning } from './stage.ts';
import { jobsNeeding } from './stage-graph.ts';
import { cancelStage, failAttempt } from './stage-submission.ts';
import { taskSucceeded } from './task-results.ts';

export class DagScheduler {
  readonly state: DagState;

  constructor(options: Partial<DagOptions> = {}) {
    this.state = new DagState({ ...DAG_DEFAULTS, ...options });
  }

  step(event: DagEvent, now: number): DagCommand[] {
    const { state } = this;
    state.now = now;
    state.commands = [];
    this.#handle(event);
    startHeld(state);
    return state.commands;
  }

  #handle(event: DagEvent): void {
    const { state } = this;
    switch (event.type) {
      case 'jobSubmitted':
        this.#submit(event);
        break;
      case 'jobCancelled': {
        const job = state.jobs.get(event.jobId);
        if (job) failJob(state, job, cancelled(event.jobId, event.reason), 'cancelled');
        break;
      }
      case 'taskSucceeded':
        taskSucceeded(state, event);
        break;
      case 'fetchFailed':
        fetchFailed(state, event);
        break;
      case 'taskSetFailed':
        this.#taskSetFailed(event);
        break;
      case 'barrierTaskFailed':
        barrierTaskFailed(state, event);
        break;
      case 'blocksCached':
        this.#blocksCached(event);
        break;
      case 'blockEvicted':
        this.#evicted(event);
        break;
      case 'blockStored':
        // What is not known to be there was dropped meanwhile.
        if (state.cache.locations(event.rddId, event.partition)?.includes(event.executorId))
          state.emit({ ...event, type: 'blockCached' });
        break;
      case 'replicaMade':
        replicaMade(state, event);
        break;
      case 'executorAdded':
        state.executors.add(event.executorId);
        replicateAll(state);
        break;
      case 'memoryRanOut': {
        const stage = state.stages.get(event.stageId);
        if (stage) stage.careful = true;
        break;
      }
      case 'executorLost':
        this.#executorLost(event);
        state.executors.delete(event.executorId);
        replicateAll(state);
        break;
      case 'aborted':
        for (const job of [...state.jobs.values()]) failJob(state, job, event.error);
        break;
      case 'preparationFinished':
        this.#prepared(event);
        break;
      case 'preparationFailed':
        if (this.#isFinishing(event)) failPreparation(state, event.rddId, event.error);
        break;
      case 'resubmitTimer':
        resubmitFailed(state);
        break;
      case 'persisted':
        this.#persist(event.rddId, event.level);
        break;
      case 'renamed': {
        const node = state.rdds.get(event.rddId);
        if (node) node.name = event.name;
        state.emit({ type: 'rddName', rddId: event.rddId, name: event.name });
        break;
      }
      case 'replanned':
        replan(state, event.node);
        break;
      case 'forgotten':
        forget(state, event.rddIds);
        break;
      default:
        event satisfies never;
    }
  }

  /** A submission that makes no sense fails its own job, and nothing else. */
  #submit({ jobId, job, preparesRddId }: Extract<DagEvent, { type: 'jobSubmitted' }>): void {
    const { state } = this;
    if (preparesRddId !== undefined) {
      const running = state.preparations.get(preparesRddId);
      if (!running) return;
      running.jobId = jobId;
    }
    try {
      submitJob(state, jobId, job, preparesRddId);
    } catch (error) {
      const started = state.jobs.get(jobId);
      if (started) failJob(state, started, errorToData(error));
      else {
        state.command({ type: 'jobFailed', jobId, error: errorToData(error) });
        if (preparesRddId !== undefined) failPreparation(state, preparesRddId, errorToData(error));
      }
    }
  }

  #taskSetFailed({ stageId, attempt, failure }: Extract<DagEvent, { type: 'taskSetFailed' }>): void {
    const stage = this.state.stages.get(stageId);
    if (!stage || attempt < stage.acceptFrom) return;
    const error = taskFailed(stage, failure);
    // Before its jobs end it: viewers are to hear of this stage what failed, of the others that the job did.
    if (stage.current?.attempt === attempt) failAttempt(this.state, stage, error.message);
    for (const job of jobsNeeding(this.state, stage)) failJob(this.state, job, error);
    if (stage.current?.attempt === attempt) cancelStage(this.state, stage, error.message);
  }

  #blocksCached({ executorId, epoch, blocks }: Extract<DagEvent, { type: 'blocksCached' }>): void {
    for (const cached of blocks) {
      const { rddId, partition, bytes, onDisk, replicas = [] } = cached;
      const node = this.state.rdds.get(rddId);
      const isKept = node !== undefined && node.storageLevel.name !== 'NONE';
      const isStale = !isKept || this.state.epochs.isStale(rddId, epoch);
      if (isStale) dropLate(this.state, rddId, cached.shared);
      if (isStale || !takeShared(this.state, cached) || refusesBlock(this.state, cached)) {
        // Cached by a task that began before the RDD was unpersisted or forgotten, or its input rolled back. In the
        // second case others may have cached its new rows, of which copies may have been made of these here meanwhile. Or
        // its rows are in another order than others will have them.
        if (isKept && (node.storageLevel.replication === 1 || cached.shared !== undefined))
          this.#dropBlock(executorId, rddId, partition);
        else dropRdd(this.state, rddId);
        const replica = { rddId, partition, from: executorId };
        for (const holder of replicas)
          this.state.command({ type: 'dropReplica', executorId: holder, replica });
        continue;
      }
      this.state.cache.add(rddId, partition, executorId);
      this.state.lost.found(rddId, partition);
      const block = { rddId, partition, level: node.storageLevel };
      for (const holder of replicas) adoptReplica(this.state, executorId, block, holder);
      this.state.emit({ type: 'blockCached', rddId, partition, executorId, bytes, onDisk });
      replicateAgain(this.state, rddId, partition);
    }
  }

  /** What others hold of the RDD stays. */
  #dropBlock(executorId: string, rddId: number, partition: number): void {
    this.state.cache.remove(rddId, partition, executorId);
    this.state.command({ type: 'dropBlock', executorId, rddId, partition });
  }

  #evicted(event: Extract<DagEvent, { type: 'blockEvicted' }>): void {
    const { state } = this;
    const { rddId, partition, executorId, reason, faultId } = event;
    state.cache.remove(rddId, partition, executorId);
    state.emit(event);
    if (!state.rdds.get(rddId) || isThere(state, rddId, partition)) return;
    state.lost.add(rddId, partition, { executorId, reason, ...(faultId !== undefined && { faultId }) });
  }

  #executorLost({ executorId, reason }: Extract<DagEvent, { type: 'executorLost' }>): void {
    const { state } = this;
    const lost = state.cache
      .removeExecutor(executorId)
      .filter(({ rddId, partition }) => state.rdds.get(rddId) && !state.shared.has(rddId, partition));
    for (const { rddId, partition } of lost) state.lost.add(rddId, partition, { executorId, reason });
    for (const stage of lost.length > 0 ? state.stages.values() : []) {
      const recomputes = isRunning(stage) ? lostMeanwhile(state, stage, lost) : undefined;
      if (!recomputes) continue;
      const { stageId } = stage;
      const { attempt } = stage.current!;
      state.emit({ type: 'partitionsLost', stageId, attempt, recomputes, time: state.now });
    }
  }

  /** Not of one that nobody waited for any more, in whose place there is another by now. */
  #isFinishing({ rddId, jobId }: { rddId: number; jobId: number }): boolean {
    return this.state.preparations.get(rddId)?.finishing === jobId;
  }

  #prepared(event: Extract<DagEvent, { type: 'preparationFinished' }>): void {
    const { state } = this;
    const { rddId, outcome } = event;
    const running = state.preparations.get(rddId);
    if (!running || !this.#isFinishing(event)) return;
    state.preparations.delete(rddId);
    if (!running.isOutdated) state.prepared.set(rddId, outcome);
    state.jobEnded = true;
    for (const jobId of [...running.waiters].sort((a, b) => a - b)) {
      const job = state.jobs.get(jobId);
      if (job?.mode.kind !== 'preparing') continue;
      job.mode.waitingFor.delete(rddId);
      if (job.mode.waitingFor.size === 0) startJob(state, job);
    }
  }

  #persist(rddId: number, level: StorageLevel): void {
    const node = this.state.rdds.get(rddId);
    if (!node) return;
    if (level.name === 'NONE') keepForJobs(this.state, rddId);
    node.storageLevel = level;
    if (level.name === 'NONE') dropRdd(this.state, rddId);
  }
}
