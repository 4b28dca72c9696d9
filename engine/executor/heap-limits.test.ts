/** The storage knows of the limits that executors are started with only what V8 tells. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { executorFlags } from './executor-pool-environment.ts';

const MB = 1 << 20;
const room = join(import.meta.dirname, '..', 'storage', 'heap-room.ts');

test.each([32, 64, 128, 129, 511, 512, 1024])(
  'in an executor of %d MB that is what old objects may take',
  (megabytes) => {
    const print = `import(${JSON.stringify(room)}).then(({ OLD_LIMIT }) => console.log(OLD_LIMIT))`;
    const printed = execFileSync(process.execPath, [...executorFlags(megabytes * MB), '--eval', print], {
      encoding: 'utf8',
    });
    expect(Number(printed) / MB).toBeCloseTo(megabytes, 5);
  },
);
