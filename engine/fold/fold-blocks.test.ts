import { expect, test } from 'vitest';
import { dropHolder, foldBlockCached, foldBlockEvicted } from './fold-blocks.ts';
import { createViewState } from './view-state.ts';

test('a partition is held by all who cached it; the next one stands for it when the first goes', () => {
  const state = createViewState('full');
  const cached = (executorId: string, bytes: number, onDisk = false) =>
    foldBlockCached(state, { type: 'blockCached', rddId: 1, partition: 0, executorId, bytes, onDisk });
  cached('a', 10);
  cached('b', 20);
  cached('c', 30);
  cached('b', 5, true);
  expect(state.cached.get(1)?.get(0)).toEqual({
    executorId: 'a',
    bytes: 10,
    onDisk: false,
    replicas: [
      { executorId: 'b', bytes: 5, onDisk: true },
      { executorId: 'c', bytes: 30, onDisk: false },
    ],
  });
  foldBlockEvicted(state, { type: 'blockEvicted', rddId: 1, partition: 0, executorId: 'a', reason: '' });
  foldBlockEvicted(state, { type: 'blockEvicted', rddId: 1, partition: 0, executorId: 'a', reason: '' });
  dropHolder(state, 1, 0, 'c');
  expect(state.cached.get(1)?.get(0)).toEqual({ executorId: 'b', bytes: 5, onDisk: true });
  dropHolder(state, 1, 0, 'b');
  expect(state.cached.size).toBe(0);
});
