/** The pool of editors keeps nothing of cells that are gone. */
import { expect, test } from 'vitest';
import { CellMemories } from './cell-memories.ts';

/** Models that come, change and go, telling whoever listens. */
function fakeModels() {
  const models = new Map<string, object>();
  const listeners = new Set<(cellId: string) => void>();
  const tell = (cellId: string) => {
    for (const listener of listeners) listener(cellId);
  };
  return {
    listeners,
    get: (cellId: string) => models.get(cellId),
    onChange: (listener: (cellId: string) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change(cellId: string) {
      models.set(cellId, {});
      tell(cellId);
    },
    remove(cellId: string) {
      models.delete(cellId);
      tell(cellId);
    },
  };
}

const memory = (height: number) => ({ state: null, height, version: 1 });

test('a cell is remembered while it is there, whatever is typed, and forgotten when it is deleted', () => {
  const models = fakeModels();
  const memories = new CellMemories(models);
  for (const cellId of ['a', 'b']) models.change(cellId);
  memories.set('a', memory(20));
  memories.set('b', memory(40));
  models.change('a');
  expect(memories.get('a')).toEqual(memory(20));
  models.remove('a');
  expect(memories.get('a')).toBeUndefined();
  expect([memories.get('b'), memories.size]).toEqual([memory(40), 1]);
});

test('nothing is kept, and nobody listened to, after the notebook is closed', () => {
  const models = fakeModels();
  const memories = new CellMemories(models);
  models.change('a');
  memories.set('a', memory(20));
  memories.dispose();
  expect([memories.size, models.listeners.size]).toEqual([0, 0]);
});
