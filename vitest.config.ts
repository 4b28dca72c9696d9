import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { tagFunctionsOfTests } from './engine/closure/vite-plugin-tag.ts';
import { LongestFirst } from './scripts/longest-first.ts';

export default defineConfig({
  // A run means the same today and tomorrow; `SEED=random` looks further.
  resolve: { alias: { 'fast-check': join(import.meta.dirname, 'scripts/seeded-check.ts') } },
  plugins: [tagFunctionsOfTests()],
  test: {
    include: ['{engine,server,cli,components,scripts}/**/*.test.{ts,tsx}', '*.test.ts'],
    pool: 'forks',
    // More than the two cores that the time limit of the whole is for: some tests wait for processes of theirs.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Limits for what hangs: many times what the longest test needs on a busy machine. No test has one of its own.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
