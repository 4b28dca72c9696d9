/** Whole schedulers on simulated executors, under random faults from fresh seeds (`test-simulation.ts` and the stories beside it). */
import { describe, expect, it } from 'vitest';
import { runBarrierJobs } from './test-barrier-story.ts';
import { runCachedIndeterminate, runIndeterminate } from './test-indeterminate-story.ts';
import { runRandomJobs, runWideJobs } from './test-job-stories.ts';
import { runAdaptedJoins, runJoinChains } from './test-join-stories.ts';
import { forEachSeed } from './test-seeds.ts';
import { runRenewed, runShared, runUnpersisted } from './test-shared-story.ts';

describe('simulation', () => {
  it('gives the rows of an undisturbed run under any faults, and leaves nothing behind', async () => {
    let takenBack = 0;
    let seeds = 0;
    await forEachSeed(1_000, async (seed) => {
      seeds++;
      takenBack += await runRandomJobs(seed);
    });
    if (seeds > 100) expect(takenBack).toBeGreaterThan(0);
  });

  it('does so with a thousand executors', () => forEachSeed(2, runWideJobs));

  it('gives them of joins that are computed in pieces, or of which one side is everywhere', async () => {
    const kinds = new Set<string>();
    let seeds = 0;
    await forEachSeed(200, async (seed) => {
      seeds++;
      for (const kind of await runAdaptedJoins(seed)) kinds.add(kind);
    });
    if (seeds > 100) expect([...kinds]).toEqual(expect.arrayContaining(['skew', 'broadcastJoin']));
  });

  it('gives them of joins of joins whose large sides are not shuffled', async () => {
    let sent = 0;
    let seeds = 0;
    await forEachSeed(200, async (seed) => {
      seeds++;
      sent += await runJoinChains(seed);
    });
    if (seeds > 100) expect(sent).toBeGreaterThan(seeds / 2);
  });

  it('gives them through barrier stages, whose tasks begin together, or fails as it must', async () => {
    const ends: string[] = [];
    await forEachSeed(300, async (seed) => {
      ends.push(...(await runBarrierJobs(seed)));
    });
    if (ends.length < 100) return;
    expect(ends.filter((end) => end === 'ok').length).toBeGreaterThan(ends.length / 4);
    expect(ends).toContain('BARRIER_RESULT_STAGE_FAILED');
  });

  it('forgets what the last task of a job caches that a roll-back has just failed', async () => {
    expect(await runIndeterminate(1568743492)).toContain('INDETERMINATE_RECOMPUTED');
  });

  it('never mixes two runs of an indeterminate source in one result', async () => {
    const verdicts = new Set<string>();
    await forEachSeed(300, async (seed) => {
      verdicts.add(await runIndeterminate(seed));
    });
    if (verdicts.size === 1) return;
    // The seeds reach both ways out: rolled back, and failed loudly.
    expect([...verdicts].some((verdict) => verdict.includes('INDETERMINATE_RECOMPUTED'))).toBe(true);
    expect(verdicts).toContain('okokok');
  });

  it('gives all jobs the same rows of what is cached of such a source, whatever happens', () =>
    forEachSeed(300, (seed) => runShared(seed)));

  it('gives no job rows of before and after the dataset was unpersisted', () =>
    forEachSeed(200, runUnpersisted));

  it('gives them without faults', () => forEachSeed(100, (seed) => runShared(seed, 0)));

  it('gives no job rows of two lives of the dataset, whatever was made of the former', async () => {
    const quiet = new Set<string>();
    await forEachSeed(200, async (seed) => {
      for (const error of await runRenewed(seed, 0)) quiet.add(error);
    });
    expect([...quiet]).toEqual([]);
    const errors = new Set(['JOB_CANCELLED', 'INDETERMINATE_RECOMPUTED']);
    await forEachSeed(200, async (seed) => {
      for (const error of await runRenewed(seed, 0.12)) expect(errors).toContain(error);
    });
  });

  it('does so when what cancelled jobs still cache comes after the source was computed again', () =>
    forEachSeed(400, async (seed) => void (await runCachedIndeterminate(seed))));
});
