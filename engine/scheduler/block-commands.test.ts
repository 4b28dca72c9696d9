/** In which order executors hear of cached partitions and of tasks. */
import { expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type { RddNode, StagePlan } from '../rdd/plan.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import type { TaskLaunch } from './backend.ts';
import { Scheduler } from './scheduler.ts';
import { TestExecutors } from './test-executors.ts';
import { source } from './test-lineage.ts';

class Hearing extends TestExecutors {
  readonly heard: string[] = [];

  override launchTasks(executorId: string, plan: StagePlan, tasks: TaskLaunch[]): void {
    for (const { partition } of tasks) this.heard.push(`run ${plan.stageId}/${partition} on ${executorId}`);
    super.launchTasks(executorId, plan, tasks);
  }

  override dropBlock(executorId: string, rddId: number, partition: number): void {
    this.heard.push(`drop ${rddId}/${partition} on ${executorId}`);
    super.dropBlock(executorId, rddId, partition);
  }
}

it('an executor drops a partition of other rows before it gets the task that would read it', () => {
  const executors = new Hearing();
  const scheduler = new Scheduler({
    backend: executors,
    clock: new ManualClock(1_000),
    emit: () => {},
    finishPreparation: () => Uint8Array.of(1),
  });
  executors.add();
  const node: RddNode = {
    ...source(0, 1),
    determinism: 'INDETERMINATE',
    storageLevel: StorageLevel.MEMORY_ONLY,
  };
  const job = (nodes: RddNode[]): JobSubmission => ({
    ...{ nodes, closures: [], rddId: 0, partitions: [0], action: { kind: 'collect' }, name: 'collect' },
    ...{ callSite: node.callSite!, cellId: 'a', runId: 'r1' },
  });
  scheduler.submitJob(job([node]));
  // Another executor has written the rows that count while this one still computes its own, and caches them.
  scheduler.replan({ ...node, op: { kind: 'localCheckpoint', holders: [['e9']] } });
  scheduler.submitJob(job([]));
  executors.finish('e0');
  expect(executors.heard).toEqual(['run 0/0 on e0', 'drop 0/0 on e0', 'run 1/0 on e0']);
});
