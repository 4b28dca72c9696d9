import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withContext } from '../testing.ts';
import { MENDABLE, REPEATED } from './task-error-codes.ts';

const ENGINE = join(import.meta.dirname, '..');
/** What tasks run; from `closure`, `rdd` and `shuffle` also what only a driver should come to. */
const ROOMS = ['storage', 'shuffle', 'closure', 'rdd', 'executor'];

function thrownCodes(): Set<string> {
  const codes = new Set<string>();
  for (const room of ROOMS) {
    const files = readdirSync(join(ENGINE, room), { recursive: true, encoding: 'utf8' });
    for (const file of files) {
      if (!file.endsWith('.ts') || file.includes('test')) continue;
      const source = readFileSync(join(ENGINE, room, file), 'utf8');
      for (const [, code] of source.matchAll(/new StagelightError\(\s*'([A-Z0-9_]+)'/g)) codes.add(code!);
    }
  }
  return codes;
}

test('of each error that a task may come to it is known whether another attempt may mend it', () => {
  const codes = thrownCodes();
  expect(codes.size).toBeGreaterThan(60);
  expect([...codes].filter((code) => !REPEATED.has(code) && !MENDABLE.has(code))).toEqual([]);
  expect([...REPEATED].filter((code) => MENDABLE.has(code))).toEqual([]);
});

test('a mistake in the data fails the stage at its first attempt', async () => {
  await withContext({}, async ({ sc, events }) => {
    const short = sc.range(0, 6, 1, 2).filter((n) => n !== 1);
    await expect(sc.range(0, 6, 1, 2).zip(short).collect()).rejects.toMatchObject({
      cause: { code: 'ZIP_UNEQUAL' },
    });
    const failed = events.flatMap((event) =>
      event.type === 'taskEnd' && event.status === 'failed' ? [event.task.partition] : [],
    );
    expect(failed).toEqual([0]);
  });
});
