import { expect, test } from 'vitest';
import { MessageParts } from './message-parts.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('parts of several messages are joined by their ids, and a whole message passes as it is', () => {
  const parts = new MessageParts();
  parts.add({ id: 'a', bytes: bytes('{"events":[') });
  parts.add({ id: 'b', bytes: bytes('{"ok"') });
  parts.add({ id: 'a', bytes: bytes('1,2]}') });
  parts.add({ id: 'b', bytes: bytes(':true}') });
  expect(parts.whole({ inParts: 'b' })).toEqual({ ok: true });
  expect(parts.whole({ inParts: 'a' })).toEqual({ events: [1, 2] });
  const whole = { seq: 1 };
  expect(parts.whole(whole as { inParts?: string })).toBe(whole);
});

test('what a lost connection left unfinished is forgotten', () => {
  const parts = new MessageParts();
  parts.add({ id: 'a', bytes: bytes('{"half":') });
  parts.clear();
  parts.add({ id: 'a', bytes: bytes('{}') });
  expect(parts.whole({ inParts: 'a' })).toEqual({});
});

test('parts of answers that nobody fetched give way to later messages', () => {
  const parts = new MessageParts();
  parts.add({ id: 'abandoned', bytes: bytes('{}') });
  for (let i = 0; i < 64; i++) parts.add({ id: `call ${i}`, bytes: bytes(`[${i}]`) });
  expect(() => parts.whole({ inParts: 'abandoned' })).toThrow();
  for (let i = 0; i < 64; i++) expect(parts.whole({ inParts: `call ${i}` })).toEqual([i]);
});
