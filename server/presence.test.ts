/** Presence is checked, passed on to the notebook's other viewers within bounds, and gone with its viewer. */
import { expect, test } from 'vitest';
import { Presences, parsePresence } from './presence.ts';

function presences() {
  const sent: { room: string; message: unknown }[] = [];
  const io = {
    to: (room: string) => ({
      except: () => ({ emit: (_name: string, message: unknown) => sent.push({ room, message }) }),
    }),
  };
  return { sent, presences: new Presences(io) };
}
const socket = (id: string, ...rooms: string[]) => ({ id, rooms: new Set(rooms) });
const ann = { name: 'Ann', colour: 1 };

test.each([
  undefined,
  {},
  { name: '', colour: 0 },
  { name: 'x'.repeat(41), colour: 0 },
  { name: 'a', colour: 99 },
  { name: 'a', colour: 0, cellId: '../x' },
  { name: 'a', colour: 0, range: { startLine: 0 } },
])('wrong presence %# is refused', (value) => {
  expect(() => parsePresence(value)).toThrow(/presence refused/);
});

test('only known fields are passed on', () => {
  const range = { startLine: 1, startColumn: 1, endLine: 2, endColumn: 3 };
  expect(parsePresence({ ...ann, cellId: 'c1', range: { ...range, more: 1 }, html: '<b>' })).toEqual({
    ...ann,
    cellId: 'c1',
    range,
  });
});

test('viewers of one notebook hear of each other, until they leave', () => {
  const { sent, presences: all } = presences();
  expect(all.set(socket('a', 'n.ts'), 'n.ts', ann)).toEqual({ viewers: [] });
  expect(all.set(socket('b', 'n.ts'), 'n.ts', { name: 'Bob', colour: 2 })).toEqual({
    viewers: [{ viewer: 'a', presence: ann }],
  });
  all.drop('a', 'other.ts');
  expect(sent).toHaveLength(2);
  all.drop('a');
  expect(sent.at(-1)).toEqual({ room: 'n.ts', message: { path: 'n.ts', viewer: 'a' } });
  expect(() => all.set(socket('c'), 'n.ts', ann)).toThrow(/is not open/);
});

test('a flood is passed on only in part', () => {
  const { sent, presences: all } = presences();
  for (let i = 0; i < 500; i++) all.set(socket('a', 'n.ts'), 'n.ts', ann);
  expect(sent.length).toBeLessThanOrEqual(40);
  all.drop('a');
});
