import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,server,cli,components,scripts}/**/*.test.{ts,tsx}', '*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
