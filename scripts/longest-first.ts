/** The order in which the files of unit and engine tests begin. */
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, most of them small ones that start real processes. They begin first: one that began
 * last would run alone, beside idle cores. What is not listed goes by size, and later by its last time.
 */
export const LONGEST = [
  'engine/executor/small-executor',
  'cli/demos',
  'engine/kernel/kernel',
  'engine/executor/spilling',
  'cli/run',
  'engine/executor/spill-processes',
  'engine/scheduler/simulation',
  'engine/executor/kept-order',
  'cli/shared-variables',
  'engine/storage/deep-rows',
  'engine/executor/long-lineages',
  'engine/storage/size-estimate',
].map((name) => join(import.meta.dirname, '..', `${name}.test.ts`));

/** Vitest's own order, but for the longest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.indexOf(moduleId);
      return at === -1 ? LONGEST.length : at;
    };
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
