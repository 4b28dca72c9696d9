/** What `sc.statusTracker` tells, from the events as they are made; constant work for each, and bounded. */
import type { EngineEvent, JobDescription, StageInfo } from '../protocol.ts';
import type {
  ExecutorInfo,
  JobInfo,
  StageStatusInfo,
  StatusAnswer,
  StatusQuestion,
} from '../rdd/status-tracker.ts';

const RETAINED = 1_000;

interface Job extends JobInfo {
  groupId: string | undefined;
  tags: readonly string[];
}

interface Stage extends StageStatusInfo {
  active: boolean;
}

export class StatusStore {
  readonly #jobs = new Map<number, Job>();
  readonly #stages = new Map<number, Stage>();
  readonly #executors = new Map<string, ExecutorInfo>();

  see(event: EngineEvent): void {
    switch (event.type) {
      // Submitted is active, as in Spark.
      case 'jobWaiting':
        this.#submitted(event, []);
        break;
      case 'jobStart': {
        const { stages } = event;
        this.#submitted(
          event,
          stages.map(({ stageId }) => stageId),
        );
        for (const stage of stages)
          if (!this.#stages.has(stage.stageId)) this.#stages.set(stage.stageId, begun(stage, 0, false));
        this.#retire();
        break;
      }
      case 'jobEnd': {
        const job = this.#jobs.get(event.jobId);
        if (job) job.status = event.status === 'succeeded' ? 'SUCCEEDED' : 'FAILED';
        break;
      }
      case 'stageSubmitted':
        this.#stages.set(event.stage.stageId, begun(event.stage, event.time, true));
        break;
      case 'stageCompleted': {
        const stage = this.#current(event.stageId, event.attempt);
        if (stage) stage.active = false;
        break;
      }
      case 'taskStart':
      case 'taskEnd':
        this.#countTask(event);
        break;
      case 'executorAdded': {
        const { executorId, pid } = event;
        this.#executors.set(executorId, { executorId, pid, numRunningTasks: 0, cacheSize: 0 });
        break;
      }
      case 'executorMetrics': {
        const executor = this.#executors.get(event.executorId);
        if (executor) executor.cacheSize = event.storageMemory;
        break;
      }
      case 'executorRemoved':
        this.#executors.delete(event.executorId);
        break;
      default:
    }
  }

  #submitted({ jobId, groupId, tags = [] }: JobDescription, stageIds: number[]): void {
    this.#jobs.set(jobId, { jobId, stageIds, status: 'RUNNING', groupId, tags });
  }

  #current(stageId: number, attempt: number): Stage | undefined {
    const stage = this.#stages.get(stageId);
    return stage?.currentAttemptId === attempt ? stage : undefined;
  }

  #countTask(event: Extract<EngineEvent, { type: 'taskStart' | 'taskEnd' }>): void {
    const { stageId, stageAttempt, executorId } = event.task;
    const step = event.type === 'taskStart' ? 1 : -1;
    const executor = this.#executors.get(executorId);
    if (executor) executor.numRunningTasks += step;
    const stage = this.#current(stageId, stageAttempt);
    if (!stage) return;
    stage.numActiveTasks += step;
    if (event.type === 'taskStart') return;
    if (event.status === 'success') stage.numCompletedTasks++;
    else if (event.status === 'failed') stage.numFailedTasks++;
  }

  /** The oldest go that are over. */
  #retire(): void {
    for (const [jobId, { status }] of this.#jobs) {
      if (this.#jobs.size <= RETAINED) break;
      if (status !== 'RUNNING') this.#jobs.delete(jobId);
    }
    for (const [stageId, { active }] of this.#stages) {
      if (this.#stages.size <= RETAINED) break;
      if (!active) this.#stages.delete(stageId);
    }
  }

  answer(question: StatusQuestion): StatusAnswer {
    const jobs = (which: (job: Job) => boolean): StatusAnswer => ({
      ids: [...this.#jobs.values()].filter(which).map(({ jobId }) => jobId),
    });
    switch (question.kind) {
      case 'jobIdsForGroup':
        return jobs(({ groupId }) => groupId === question.groupId);
      case 'jobIdsForTag':
        return jobs(({ tags }) => tags.includes(question.tag));
      case 'activeJobIds':
        return jobs(({ status }) => status === 'RUNNING');
      case 'activeJobIdsOfStage':
        return jobs(({ status, stageIds }) => status === 'RUNNING' && stageIds.includes(question.stageId));
      case 'activeStageIds':
        return {
          ids: [...this.#stages.values()].flatMap(({ active, stageId }) => (active ? [stageId] : [])),
        };
      case 'jobInfo': {
        const job = this.#jobs.get(question.jobId);
        if (!job) return {};
        const { jobId, stageIds, status } = job;
        return { job: { jobId, stageIds, status } };
      }
      case 'stageInfo': {
        const stage = this.#stages.get(question.stageId);
        if (!stage) return {};
        const { active: _, ...info } = stage;
        return { stage: info };
      }
      case 'executorInfos':
        return { executors: [...this.#executors.values()].map((executor) => ({ ...executor })) };
      default:
        return question satisfies never;
    }
  }
}

function begun({ stageId, attempt, name, numTasks }: StageInfo, time: number, active: boolean): Stage {
  const counts = { numTasks, numActiveTasks: 0, numCompletedTasks: 0, numFailedTasks: 0 };
  return { stageId, currentAttemptId: attempt, submissionTime: time, name, active, ...counts };
}
