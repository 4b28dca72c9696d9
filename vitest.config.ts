import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { tagFunctionsOfTests } from './engine/closure/vite-plugin-tag.ts';

export default defineConfig({
  // A run means the same today and tomorrow; `SEED=random` looks further.
  resolve: { alias: { 'fast-check': join(import.meta.dirname, 'scripts/seeded-check.ts') } },
  plugins: [tagFunctionsOfTests()],
  test: {
    include: ['{engine,server,cli,components,scripts}/**/*.test.{ts,tsx}', '*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
