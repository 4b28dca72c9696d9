import { expect, test } from 'vitest';
import { COMMANDS, searchCommands } from './commands.ts';
import { asHeading } from './commands-structure.ts';

test('every command has an id of its own, and no two share a key where both could be meant', () => {
  expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
  const taken = new Map<string, string>();
  for (const { id, keys = [] } of COMMANDS) {
    for (const { mode, keys: written } of keys) {
      for (const each of mode === 'any' ? ['any', 'command', 'edit'] : [mode]) {
        const place = `${each} ${written}`;
        expect(taken.get(place), `${place} of ${id}`).toBeUndefined();
        taken.set(place, id);
      }
    }
  }
});

test('a command without anything to do is only a line in the list of keys', () => {
  for (const { run, keys = [] } of COMMANDS) if (!run) expect(keys.every(({ listed }) => listed)).toBe(true);
});

test('the palette finds by words of title and group, beginnings first', () => {
  expect(searchCommands('format').map(({ id }) => id)).toEqual(['format', 'format-all']);
  expect(searchCommands('all format')[0]?.id).toBe('format-all');
  expect(searchCommands('kernel restart')[0]?.id).toBe('restart');
  expect(searchCommands('no such thing')).toEqual([]);
  expect(searchCommands('').every(({ run }) => run)).toBe(true);
});

test('a heading replaces the level that was there', () => {
  expect(asHeading('Title\ntext', 2)).toBe('## Title\ntext');
  expect(asHeading('### Title', 1)).toBe('# Title');
  expect(asHeading('', 1)).toBe('# ');
});
