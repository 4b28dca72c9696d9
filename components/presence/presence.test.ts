/** Names chosen by the browser, others that come and go, and no more messages than the pace allows. */
import { expect, test } from 'vitest';
import type { Presence, PresentViewer } from '../../engine/viewer-protocol.ts';
import { ManualTimers, memoryStorage, settled } from '../session/simulated-notebook.ts';
import { guestName, PresenceChannel, type PresenceMessage } from './presence.ts';

function channel(viewers: PresentViewer[], storage = memoryStorage()) {
  const told: Presence[] = [];
  let listener: (message: PresenceMessage) => void = () => {};
  const timers = new ManualTimers();
  const connection = {
    call: async (_name: string, payload: object) => {
      told.push((payload as { presence: Presence }).presence);
      return { ok: true, viewers } as never;
    },
    onPresence: (each: typeof listener) => {
      listener = each;
      return () => {};
    },
  };
  const presence = new PresenceChannel('n.ts', connection, storage, timers);
  presence.start();
  return { presence, told, timers, push: (message: PresenceMessage) => listener(message) };
}

test('a guest takes the first free number, and a colour that nobody has', async () => {
  expect(guestName(['Guest 1', 'Ann', 'Guest 3'])).toBe('Guest 2');
  const { presence, told } = channel([{ viewer: 'v', presence: { name: 'Guest 1', colour: 0 } }]);
  presence.joined();
  await settled();
  expect(presence.store.getState()).toMatchObject({ name: 'Guest 2', colour: 1 });
  expect(told.at(-1)).toEqual({ name: 'Guest 2', colour: 1 });
});

test('a name is kept for the next time', async () => {
  const storage = memoryStorage();
  channel([], storage).presence.rename('  Ann ');
  const again = channel([], storage);
  again.presence.joined();
  await settled();
  expect(again.presence.store.getState().name).toBe('Ann');
});

test('others come, move and go, and each is announced once', () => {
  const { presence, push } = channel([]);
  push({ path: 'n.ts', viewer: 'v', presence: { name: 'Bob', colour: 2 } });
  expect(presence.store.getState().notice).toBe('Bob joined');
  push({ path: 'n.ts', viewer: 'v', presence: { name: 'Bob', colour: 2, cellId: 'c1' } });
  push({ path: 'other.ts', viewer: 'w', presence: { name: 'Eve', colour: 3 } });
  expect([...presence.store.getState().others.values()]).toEqual([{ name: 'Bob', colour: 2, cellId: 'c1' }]);
  push({ path: 'n.ts', viewer: 'v' });
  expect(presence.store.getState()).toMatchObject({ notice: 'Bob left', others: new Map() });
});

test('moving about is told at most ten times a second, the last place always', async () => {
  const { presence, told, timers } = channel([]);
  presence.joined();
  await settled();
  const before = told.length;
  for (let line = 1; line <= 50; line++)
    presence.at({ cellId: 'c', range: { startLine: line, startColumn: 1, endLine: line, endColumn: 1 } });
  timers.advance(200);
  await settled();
  expect(told.length - before).toBeLessThanOrEqual(2);
  expect(told.at(-1)?.range?.startLine).toBe(50);
});
