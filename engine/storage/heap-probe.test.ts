import { setFlagsFromString } from 'node:v8';
import { expect, test } from 'vitest';
import { hasHiddenClass, isFlat } from './heap-probe.ts';
import { estimateSize } from './size-estimate.ts';
import { heapUsed } from './test-heap.ts';

const table = (): object => {
  const record: Record<string, unknown> = { a: 1, b: 2 };
  delete record.a;
  return record;
};

/** Joined at run time, of pieces that are long enough to stay apart. */
const joined = (): string => `${'ab'.repeat(20)}${Math.random()}`;
const answers = () => [hasHiddenClass({ a: 1 }), hasHiddenClass(table()), isFlat('a'), isFlat(joined())];

test('records made alike have a hidden class, one that lost a field is a table; joined texts are in pieces', () => {
  expect(answers()).toEqual([true, false, true, false]);
});

test('it answers after V8 has thrown its code away, as it does with what is long not called', () => {
  answers();
  setFlagsFromString('--stress-flush-code');
  try {
    heapUsed();
  } finally {
    setFlagsFromString('--no-stress-flush-code');
  }
  expect(answers()).toEqual([true, false, true, false]);
});

test('proxies, of which V8 must not be asked, are counted by their fields', () => {
  const target = { a: 1, b: 'two' };
  expect(hasHiddenClass(new Proxy(target, {}))).toBe(true);
  expect(estimateSize([new Proxy(target, {})])).toBe(estimateSize([target]));
});
