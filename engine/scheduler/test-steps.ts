/** Counts the elements that code walks over, so that a test can show what its cost does not depend on. */

const ITERATORS = [[].values(), new Map().values(), new Set().values()].map(
  (iterator) => Object.getPrototypeOf(iterator) as { next: (this: object) => unknown },
);
const WALKS = [
  'every',
  'filter',
  'find',
  'findIndex',
  'flatMap',
  'forEach',
  'map',
  'reduce',
  'some',
] as const;

/** Elements that `run` takes from arrays, maps and sets. */
export function countSteps(run: () => void): number {
  let steps = 0;
  const restore: (() => void)[] = [];
  const patch = <T extends object, K extends keyof T>(
    owner: T,
    name: K,
    weigh: (self: unknown) => number,
  ) => {
    const original = owner[name] as (...args: unknown[]) => unknown;
    owner[name] = function counted(this: unknown, ...args: unknown[]) {
      steps += weigh(this);
      return original.apply(this, args);
    } as T[K];
    restore.push(() => {
      owner[name] = original as T[K];
    });
  };
  for (const iterator of ITERATORS) patch(iterator, 'next', () => 1);
  for (const name of WALKS) patch(Array.prototype, name, (self) => (self as unknown[]).length);
  try {
    run();
  } finally {
    for (const undo of restore) undo();
  }
  return steps;
}
