/** 41,000 random schedules of simulated executors, 50 with a thousand (`test-simulation.ts`), and 10,000 of a task scheduler alone. */
import { runBarrierJobs } from '../../engine/scheduler/test-barrier-story.ts';
import { runCachedIndeterminate, runIndeterminate } from '../../engine/scheduler/test-indeterminate-story.ts';
import { runRandomJobs, runWideJobs } from '../../engine/scheduler/test-job-stories.ts';
import { runAdaptedJoins } from '../../engine/scheduler/test-join-stories.ts';
import { forEachSeed } from '../../engine/scheduler/test-seeds.ts';
import { runRenewed, runShared, runUnpersisted } from '../../engine/scheduler/test-shared-story.ts';
import { runTaskStory } from '../../engine/scheduler/test-task-story.ts';

const RANDOM = 17_000;
const INDETERMINATE = 2_950;
const CACHED_INDETERMINATE = 8_000;
const SHARED = 3_000;
const WIDE = 50;
const BARRIER = 4_000;
const ADAPTED_JOINS = 3_000;
const TASK_STORIES = 10_000;

export async function run(): Promise<string> {
  const first = Math.floor(Math.random() * 2 ** 30);
  await forEachSeed(RANDOM, async (seed) => void (await runRandomJobs(seed)), first);
  await forEachSeed(BARRIER, async (seed) => void (await runBarrierJobs(seed)), first);
  await forEachSeed(ADAPTED_JOINS, async (seed) => void (await runAdaptedJoins(seed)), first);
  await forEachSeed(TASK_STORIES, (seed) => void runTaskStory(seed), first);
  const verdicts = new Map<string, number>();
  await forEachSeed(
    INDETERMINATE,
    async (seed) => {
      const failed = (await runIndeterminate(seed)).includes('INDETERMINATE_RECOMPUTED');
      const verdict = failed ? 'failed loudly' : 'rolled back or undisturbed';
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    },
    first,
  );
  await forEachSeed(CACHED_INDETERMINATE, async (seed) => void (await runCachedIndeterminate(seed)), first);
  await forEachSeed(SHARED, (seed) => runShared(seed), first);
  await forEachSeed(SHARED, runUnpersisted, first);
  await forEachSeed(SHARED, async (seed) => void (await runRenewed(seed, 0.12)), first);
  await forEachSeed(WIDE, runWideJobs, first);
  const ends = [...verdicts].map(([verdict, times]) => `${times} ${verdict}`).join(', ');
  return (
    `${RANDOM} schedules, ${INDETERMINATE} of an indeterminate source (${ends}), ${CACHED_INDETERMINATE} of one that is cached and cancelled, ${3 * SHARED} of one whose cached partitions all executors read, two thirds of them unpersisted meanwhile, ` +
    `${BARRIER} with barrier stages, ${ADAPTED_JOINS} with joins in pieces or broadcast, ${WIDE} on 1,000 executors, all from seed ${first}: right rows, one commit each, nothing left; ` +
    `${TASK_STORIES} stories of a task scheduler alone: no executor left idle that it had a task for`
  );
}
