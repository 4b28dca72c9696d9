/** Only what was shown when a page ended without a word needs to be asked for. */
import { expect, test } from 'vitest';
import { FrameWatch, type NoteStorage } from './frame-watch.ts';

function storage(): NoteStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

test('a page that stood still and was killed asks before it shows the same again', () => {
  const kept = storage();
  const frozen = new FrameWatch(kept);
  frozen.shows('/output/loop');
  expect(frozen.heldUp('/output/loop')).toBe(false);
  const next = new FrameWatch(kept);
  expect(next.heldUp('/output/loop')).toBe(true);
  expect(next.heldUp('/output/other')).toBe(false);
  next.shows('/output/loop')();
  expect(new FrameWatch(kept).heldUp('/output/loop')).toBe(false);
});

test('a page that is left or reloaded in order asks nothing', () => {
  const kept = storage();
  const page = new FrameWatch(kept);
  page.shows('/output/a');
  page.shows('/output/b');
  page.left();
  expect(new FrameWatch(kept).heldUp('/output/a')).toBe(false);
  expect(new FrameWatch(kept).heldUp('/output/b')).toBe(false);
});

test('without a storage, or with one that refuses, everything is shown', () => {
  const refuses = () => {
    throw new Error('no');
  };
  for (const broken of [undefined, { getItem: refuses, setItem: refuses, removeItem: refuses }]) {
    const page = new FrameWatch(broken);
    const done = page.shows('/output/a');
    expect(page.heldUp('/output/a')).toBe(false);
    done();
    expect(page.heldUp('/output/a')).toBe(false);
  }
});
