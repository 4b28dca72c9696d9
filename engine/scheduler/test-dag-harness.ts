/** Posts events to a DAG scheduler and keeps what it asks for; it answers for executors as the test says. */
import { expect } from 'vitest';
import type { EngineEvent, TaskEndReason } from '../protocol.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type { MapStatus, RddNode } from '../rdd/plan.ts';
import { DagScheduler } from './dag-scheduler.ts';
import type { DagCommand, DagEvent, TaskSet } from './events.ts';
import { mapStatus, narrow, shuffled, source } from './test-lineage.ts';

export class DagHarness {
  readonly scheduler = new DagScheduler();
  readonly taskSets: TaskSet[] = [];
  readonly events: EngineEvent[] = [];
  readonly results = new Map<number, string>();
  /** Of the last event. */
  commands: DagCommand[] = [];
  /** Of all events, until somebody takes them. */
  readonly allCommands: DagCommand[] = [];
  #nextJobId = 0;

  post(event: DagEvent): DagCommand[] {
    const commands = this.scheduler.step(event, 0);
    this.commands = commands;
    this.allCommands.push(...commands);
    for (const command of commands) {
      if (command.type === 'submitTaskSet') {
        this.taskSets.push(command.taskSet);
      } else if (command.type === 'emit') this.events.push(command.event);
      else if (command.type === 'jobSucceeded') {
        this.results.set(
          command.jobId,
          command.results.map((r) => ('bytes' in r ? r.bytes[0] : 'file')).join(),
        );
      } else if (command.type === 'jobFailed') {
        this.results.set(command.jobId, `${command.error.code}: ${command.error.message}`);
      }
    }
    for (const command of commands) {
      if (command.type !== 'submitPreparation') continue;
      const { job, rddId } = command;
      this.post({ type: 'jobSubmitted', jobId: this.#nextJobId++, job, preparesRddId: rddId });
    }
    return commands;
  }

  submit(nodes: RddNode[], rddId: number, partitions: number[], more: Partial<JobSubmission> = {}): number {
    const jobId = this.#nextJobId++;
    const job: JobSubmission = {
      nodes,
      closures: [],
      rddId,
      partitions,
      action: { kind: 'collect' },
      name: 'collect',
    };
    this.post({ type: 'jobSubmitted', jobId, job: { ...job, ...more } });
    return jobId;
  }

  /** Ends tasks of a set well; all of them unless told which. */
  succeed(taskSet: TaskSet, indices: number[] = taskSet.indices, status: Partial<MapStatus> = {}): void {
    const { stageId, attempt, plan } = taskSet;
    for (const index of indices) {
      const executorId = 'e1';
      const base = { type: 'taskSucceeded' as const, stageId, attempt, index, executorId };
      if (plan.output.kind === 'result') this.post({ ...base, result: { bytes: Uint8Array.of(index) } });
      else {
        const made = mapStatus(plan.output.dependency.shuffleId, index, attempt);
        this.post({ ...base, mapStatus: { ...made, ...status } });
      }
    }
  }

  failFetch(taskSet: TaskSet, index: number, shuffleId: number, mapIndex: number, executorId = 'e1'): void {
    const message = `map output ${mapIndex} of shuffle ${shuffleId} is damaged`;
    const reason: TaskEndReason = {
      kind: 'fetchFailed',
      shuffleId,
      mapIndex,
      reduceId: index,
      executorId,
      message,
    };
    this.post({ type: 'fetchFailed', stageId: taskSet.stageId, attempt: taskSet.attempt, index, reason });
  }

  /** Answers with the outcome of the last job that prepared the RDD. */
  prepare(rddId: number, outcome: Uint8Array): void {
    const asked = this.allCommands.findLast(
      (command) => command.type === 'finishPreparation' && command.rddId === rddId,
    );
    if (asked?.type === 'finishPreparation')
      this.post({ type: 'preparationFinished', rddId, jobId: asked.jobId, outcome });
  }

  resubmit(): void {
    this.post({ type: 'resubmitTimer' });
  }

  /** Stage, attempt and task indices of the sets submitted since the last call. */
  takeSubmitted(): string[] {
    return this.taskSets.splice(0).map((s) => `${s.stageId}.${s.attempt}[${s.indices}]`);
  }

  trail(): string[] {
    return this.events.splice(0).map(describeEvent);
  }
}

function describeEvent(event: EngineEvent): string {
  switch (event.type) {
    case 'jobStart':
      return `jobStart ${event.jobId} stages ${event.stages.map((s) => s.stageId)}`;
    case 'jobEnd':
      return `jobEnd ${event.jobId} ${event.status}`;
    case 'stageSubmitted':
      return `stageSubmitted ${event.stage.stageId}.${event.stage.attempt} for ${event.jobIds}`;
    case 'stageCompleted':
      return `stageCompleted ${event.stageId}.${event.attempt} ${event.status}`;
    case 'stageSkipped':
      return `stageSkipped ${event.stageId}: ${event.reason}`;
    default:
      return event.type;
  }
}

/** 0: source, 1: map, shuffle 0, 2: reduceByKey. */
export const wordCount = (maps = 2, reduces = 2): RddNode[] => [
  source(0, maps),
  narrow(1, 0, maps, 'map'),
  shuffled(2, 1, 0, reduces, 'reduceByKey'),
];

/** The user drops all RDDs: nothing is kept. */
export function forgetAll(harness: DagHarness, rddIds: number[]): void {
  harness.post({ type: 'forgotten', rddIds });
  expect(harness.scheduler.state.empty).toBe(true);
}
