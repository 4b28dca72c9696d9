/** What holds of every format that rows are saved in: they come back as they were, and never as others. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import type { TestContext } from '../testing.ts';

export interface FileFormat {
  name: string;
  rows: fc.Arbitrary<unknown>;
  save(rdd: RDD<unknown>, directory: string): Promise<void>;
  load(directory: string): RDD<unknown>;
  /** What of rows comes back, where that is not all. */
  kept?(rows: unknown[]): unknown;
}

let places = 0;

/** A folder that nothing was saved in. */
export const place = () => `out-${places++}`;

export function partFiles({ folder }: TestContext, directory: string): string[] {
  return readdirSync(join(folder, directory)).filter((name) => name.startsWith('part-'));
}

/** Rows come back as they were, in any number of partitions up to `partitions`. */
export async function expectRoundTrips(
  context: TestContext,
  { rows, save, load, kept = (all) => all }: FileFormat,
  options: { partitions: number; maxLength: number; numRuns: number; seed: number },
): Promise<void> {
  const { partitions: most, maxLength, numRuns, seed } = options;
  await fc.assert(
    fc.asyncProperty(
      fc.array(rows, { maxLength }),
      fc.integer({ min: 1, max: most }),
      async (all, partitions) => {
        const directory = place();
        await save(context.sc.parallelize(all, partitions), directory);
        expect(kept(await load(directory).collect())).toEqual(kept(all));
        expect(partFiles(context, directory)).toHaveLength(partitions);
      },
    ),
    { numRuns, seed },
  );
}

/** Tries `read` on the file with a byte of it changed, or cut off, then puts it back as it was. */
export async function forEachDamage(
  file: string,
  read: () => Promise<void>,
  options: { numRuns: number; seed: number },
): Promise<void> {
  const whole = readFileSync(file);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, bits, cut) => {
        const changed = Buffer.from(cut ? whole.subarray(0, at) : whole);
        if (!cut) changed[at]! ^= bits;
        writeFileSync(file, changed);
        await read();
      },
    ),
    options,
  );
  writeFileSync(file, whole);
}
