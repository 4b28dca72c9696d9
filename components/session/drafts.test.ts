/** Drafts in the browser's storage: one change among many costs that one, and other windows' drafts stay. */
import { expect, test, vi } from 'vitest';
import { type Draft, Drafts } from './drafts.ts';
import { memoryStorage } from './simulated-notebook.ts';

const draft = (source: string): Draft => ({ source, baseSource: 'base', baseRevision: 1 });

test('a change among many drafts parses none and words one', () => {
  const drafts = new Drafts(memoryStorage(), 'a.ts', 'w');
  for (let i = 0; i < 50; i++) drafts.set(`c${i}`, draft(String(i)));
  const parse = vi.spyOn(JSON, 'parse');
  const stringify = vi.spyOn(JSON, 'stringify');
  drafts.set('c7', draft('changed'));
  drafts.delete('c8');
  expect([parse.mock.calls.length, stringify.mock.calls.length]).toEqual([0, 1]);
  vi.restoreAllMocks();
});

test('what another window writes in between is kept, and what is stored is always the drafts', () => {
  const storage = memoryStorage();
  const [one, two] = ['w1', 'w2'].map((window) => new Drafts(storage, 'a.ts', window));
  one!.set('a', draft('1'));
  two!.set('a', draft('2'));
  one!.set('b', draft('3'));
  two!.delete('a');
  two!.set('c', draft('4'));
  one!.delete('b');
  const later = new Drafts(storage, 'a.ts', 'w3');
  later.adopt(new Set(['w3']));
  expect([...later.all].map(([cellId, { source }]) => [cellId, source])).toEqual([
    ['a', '1'],
    ['c', '4'],
  ]);
});

test('many changes at once are stored at once, also when the last of them fails', () => {
  const storage = memoryStorage();
  const stored = vi.spyOn(storage, 'setItem');
  const drafts = new Drafts(storage, 'a.ts', 'w');
  drafts.set('c0', draft('before'));
  const all = () =>
    drafts.batch(() => {
      for (let i = 0; i < 20; i++) drafts.set(`c${i}`, draft(String(i)));
      drafts.delete('c5');
      throw new Error('the last one');
    });
  expect(all).toThrow('the last one');
  expect(stored).toHaveBeenCalledTimes(2);
  const later = new Drafts(storage, 'a.ts', 'later');
  later.adopt(new Set(['later']));
  expect([...later.all]).toEqual([...drafts.all]);
});
