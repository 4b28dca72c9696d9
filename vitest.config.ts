import { defineConfig } from 'vitest/config';
import { tagFunctionsOfTests } from './engine/closure/vite-plugin-tag.ts';

export default defineConfig({
  plugins: [tagFunctionsOfTests()],
  test: {
    include: ['{engine,server,cli,components,scripts}/**/*.test.{ts,tsx}', '*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
