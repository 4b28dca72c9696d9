import { expect, test } from 'vitest';
import { MessageParts } from './message-parts.ts';

test('parts of several messages are joined by their ids, and a whole message passes as it is', () => {
  const parts = new MessageParts();
  parts.add({ id: 'a', text: '{"events":[' });
  parts.add({ id: 'b', text: '{"ok"' });
  parts.add({ id: 'a', text: '1,2]}' });
  parts.add({ id: 'b', text: ':true}' });
  expect(parts.whole({ inParts: 'b' })).toEqual({ ok: true });
  expect(parts.whole({ inParts: 'a' })).toEqual({ events: [1, 2] });
  const whole = { seq: 1 };
  expect(parts.whole(whole as { inParts?: string })).toBe(whole);
});

test('what a lost connection left unfinished is forgotten', () => {
  const parts = new MessageParts();
  parts.add({ id: 'a', text: '{"half":' });
  parts.clear();
  parts.add({ id: 'a', text: '{}' });
  expect(parts.whole({ inParts: 'a' })).toEqual({});
});
