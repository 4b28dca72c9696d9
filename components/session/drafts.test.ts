/** Drafts in the browser's storage: one change among many costs that one, and other windows' drafts stay. */
import { expect, test, vi } from 'vitest';
import { type Draft, Drafts, moveDrafts } from './drafts.ts';
import { memoryStorage } from './simulated-notebook.ts';

const draft = (source: string): Draft => ({ source, baseSource: 'base', baseRevision: 1 });

test('a change among many drafts reads none and writes one', () => {
  const storage = memoryStorage();
  const drafts = new Drafts(storage, 'a.ts', 'w');
  for (let i = 0; i < 50; i++) drafts.set(`c${i}`, draft(String(i)));
  const read = vi.spyOn(storage, 'getItem');
  const written = vi.spyOn(storage, 'setItem');
  drafts.set('c7', draft('changed'));
  drafts.delete('c8');
  expect([read.mock.calls.length, written.mock.calls.length]).toEqual([0, 1]);
  expect(written.mock.calls[0]![1]).not.toContain('c8');
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

test('a browser without room is said so; what was refused is stored when there is room', () => {
  const storage = memoryStorage();
  let room = false;
  const drafts = new Drafts(
    {
      ...storage,
      setItem: (key, value) => {
        if (!room) throw new DOMException('no room', 'QuotaExceededError');
        storage.setItem(key, value);
      },
    },
    'a.ts',
    'w',
  );
  drafts.set('a', draft('1'));
  drafts.set('b', draft('2'));
  expect(drafts.isKept).toBe(false);
  room = true;
  drafts.delete('b');
  expect(drafts.isKept).toBe(true);
  const later = new Drafts(storage, 'a.ts', 'later');
  later.adopt(new Set(['later']));
  expect([...later.all.keys()]).toEqual(['a']);
});

test('drafts go along when their notebook is moved, and stay those of its path alone', () => {
  const storage = memoryStorage();
  new Drafts(storage, 'a.ts', 'w').set('c', draft('of a'));
  new Drafts(storage, 'b "quoted".ts', 'w').set('c', draft('of b'));
  moveDrafts(storage, 'a.ts', 'x/é.ts');
  const found = ['a.ts', 'x/é.ts', 'b "quoted".ts'].map((path) => {
    const later = new Drafts(storage, path, 'later');
    later.adopt(new Set(['later']));
    return later.get('c')?.source;
  });
  expect(found).toEqual([undefined, 'of a', 'of b']);
});
