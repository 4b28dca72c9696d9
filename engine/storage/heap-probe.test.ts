import { setFlagsFromString } from 'node:v8';
import { expect, test } from 'vitest';
import { hasHiddenClass } from './heap-probe.ts';
import { estimateSize } from './size-estimate.ts';
import { heapUsed } from './test-heap.ts';

const table = (): object => {
  const record: Record<string, unknown> = { a: 1, b: 2 };
  delete record.a;
  return record;
};

test('records made alike have a hidden class, one that lost a field is a table', () => {
  expect([hasHiddenClass({ a: 1 }), hasHiddenClass(table())]).toEqual([true, false]);
});

test('it answers after V8 has thrown its code away, as it does with what is long not called', () => {
  hasHiddenClass({});
  setFlagsFromString('--stress-flush-code');
  try {
    heapUsed();
  } finally {
    setFlagsFromString('--no-stress-flush-code');
  }
  expect([hasHiddenClass({ a: 1 }), hasHiddenClass(table())]).toEqual([true, false]);
});

test('proxies, of which V8 must not be asked, are counted by their fields', () => {
  const target = { a: 1, b: 'two' };
  expect(hasHiddenClass(new Proxy(target, {}))).toBe(true);
  expect(estimateSize([new Proxy(target, {})])).toBe(estimateSize([target]));
});
