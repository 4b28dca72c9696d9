/** Task schedulers by themselves, under random events from fresh seeds (`test-task-story.ts`). */
import { expect, it } from 'vitest';
import { forEachSeed } from './test-seeds.ts';
import { runTaskStory } from './test-task-story.ts';

it('leaves no executor idle that it would give a task', async () => {
  const SEEDS = 300;
  let ended = 0;
  await forEachSeed(SEEDS, (seed) => {
    ended += runTaskStory(seed);
  });
  // They are stories, not standstills; one that is looked at again may be short.
  if (process.env.SEED === undefined) expect(ended / SEEDS).toBeGreaterThan(40);
});
