/**
 * What the scheduler costs per task, from 1,000 to 1,000,000 tasks on 1 to 1,000 executors that compute nothing, and
 * what it keeps: near linear, or the proof fails. `docs/guide/scheduler-cost.md` explains the figures.
 */
import type { RddNode } from '../../engine/rdd/plan.ts';
import { cached, narrow, shuffled, source } from '../../engine/scheduler/test-lineage.ts';
import { type ClusterCost, type ClusterRun, runCluster } from '../scheduling/simulated-cluster.ts';

const TASKS = [1_000, 10_000, 100_000, 1_000_000];
const EXECUTORS = [1, 100, 1_000];
const REDUCERS = 100;
/** A million tasks may cost this many times as much each as ten thousand do: collecting garbage grows with what is kept. */
const MOST_GROWTH = 4;

const wide = (tasks: number): RddNode[] => [source(0, tasks - REDUCERS), shuffled(1, 0, 0, REDUCERS)];

type Shape = (tasks: number, executors: number) => ClusterRun;

const SHAPES: Record<string, Shape> = {
  'one stage': (tasks, executors) => ({
    nodes: [source(0, tasks), narrow(1, 0, tasks)],
    actions: [1],
    executors,
    taskMs: 10,
  }),
  'one stage of tiny tasks': (tasks, executors) => ({
    nodes: [source(0, tasks), narrow(1, 0, tasks)],
    actions: [1],
    executors,
    taskMs: 0,
  }),
  [`shuffle into ${REDUCERS}`]: (tasks, executors) => ({
    nodes: wide(tasks),
    actions: [1],
    executors,
    taskMs: 10,
  }),
  [`shuffle into ${REDUCERS}, 1 % throw, 0.1 % lose their executor, ${REDUCERS} fetch failures`]: (
    tasks,
    executors,
  ) => ({
    nodes: wide(tasks),
    actions: [1],
    executors,
    taskMs: 10,
    disturbance: { exceptions: 0.01, losses: 0.001, fetchFailures: REDUCERS },
  }),
  'cached and read again, 1 % lose their executor': (tasks, executors) => ({
    nodes: [source(0, tasks / 2), cached(narrow(1, 0, tasks / 2))],
    actions: [1, 1],
    executors,
    taskMs: 10,
    caches: true,
    disturbance: { losses: 0.01 },
  }),
};

export async function run(): Promise<string> {
  await runCluster(SHAPES['one stage']!(20_000, 10));
  let worst = 0;
  for (const [name, shape] of Object.entries(SHAPES)) {
    console.log(
      `\n${name}\n${'tasks'.padStart(10)}${EXECUTORS.map((n) => `${n} executors`.padStart(28)).join('')}`,
    );
    const costs = new Map<string, ClusterCost>();
    for (const tasks of TASKS) {
      let line = String(tasks).padStart(10);
      for (const executors of EXECUTORS) {
        const cost = await runCluster(shape(tasks, executors));
        costs.set(`${tasks} ${executors}`, cost);
        line += `${cost.microseconds.toFixed(1)} µs, ${cost.kept.toFixed(1)} MB`.padStart(28);
      }
      console.log(line);
    }
    for (const executors of EXECUTORS) {
      const many = costs.get(`1000000 ${executors}`)!.microseconds;
      const growth = many / costs.get(`10000 ${executors}`)!.microseconds;
      worst = Math.max(worst, growth);
      if (growth > MOST_GROWTH)
        throw new Error(
          `${name} on ${executors} executors: a task of a million costs ${growth.toFixed(1)} times as much`,
        );
    }
  }
  return `${Object.keys(SHAPES).length} shapes up to 1,000,000 tasks on 1,000 executors; at most ${worst.toFixed(1)} times the CPU per task of 10,000 tasks`;
}
