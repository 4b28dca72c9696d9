/** For tests: what is on the heap once what nothing can reach is collected, in bytes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * For tests that compare what it was before and after: what else came onto the heap meanwhile, or left it, does not the
 * next time; a wrong estimate is wrong again.
 */
export const MEASURED = { retry: 2 };

export function heapUsed(): number {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // The second frees what the first found out of use.
  collect();
  collect();
  const { heapUsed: used, external } = process.memoryUsage();
  return used + external;
}
