/** For tests: what is on the heap once what nothing can reach is collected, in bytes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

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
