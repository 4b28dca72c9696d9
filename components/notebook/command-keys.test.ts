import { expect, test } from 'vitest';
import { chordOf, type KeyBinding, KeyMatcher, type KeyStroke, keysText } from './command-keys.ts';

function stroke(key: string, modifiers = '', timeStamp = 0): KeyStroke {
  const has = (name: string) => modifiers.includes(name);
  return { key, ctrlKey: has('c'), metaKey: has('m'), shiftKey: has('s'), altKey: has('a'), timeStamp };
}

test('strokes are written in one way, whatever made the sign', () => {
  expect(chordOf(stroke('p', 'cs'))).toBe('Mod+Shift+P');
  expect(chordOf(stroke('P', 'ms'))).toBe('Mod+Shift+P');
  expect(chordOf(stroke('?', 's'))).toBe('?');
  expect(chordOf(stroke('_', 'cs'))).toBe('Mod+Shift+-');
  expect(chordOf(stroke('-', 'cs'))).toBe('Mod+Shift+-');
  expect(chordOf(stroke(' ', 's'))).toBe('Shift+Space');
  expect(chordOf(stroke('ArrowUp', 'a'))).toBe('Alt+Up');
  expect(chordOf(stroke('V', 's'))).toBe('Shift+V');
});

const bindings: [KeyBinding, string][] = [
  [{ mode: 'command', keys: 'D D' }, 'delete'],
  [{ mode: 'command', keys: 'D' }, 'never: doubles lose to singles only when both are bound'],
  [{ mode: 'command', keys: '0 0' }, 'restart'],
  [{ mode: 'command', keys: 'A' }, 'above'],
  [{ mode: 'any', keys: 'Mod+S' }, 'save'],
  [{ mode: 'edit', keys: 'Shift+Enter' }, 'run'],
  [{ mode: 'edit', keys: 'Mod+/', listed: true }, 'comment'],
];

test('a double key needs both strokes in time, with nothing between', () => {
  const matcher = new KeyMatcher(bindings.filter(([, command]) => !command.startsWith('never')));
  const press = (key: string, at: number) => matcher.match(stroke(key, '', at), 'command');
  expect(press('d', 0)).toBeUndefined();
  expect(press('d', 100)).toBe('delete');
  expect(press('d', 200)).toBeUndefined();
  expect(press('d', 900)).toBeUndefined();
  expect(press('a', 950)).toBe('above');
  expect(press('d', 960)).toBeUndefined();
  expect(press('0', 970)).toBeUndefined();
  expect(press('d', 980)).toBeUndefined();
  expect(press('d', 990)).toBe('delete');
});

test('modes are kept apart; what is only listed does nothing', () => {
  const matcher = new KeyMatcher(bindings);
  expect(matcher.match(stroke('a'), 'edit')).toBeUndefined();
  expect(matcher.match(stroke('s', 'c'), 'edit')).toBe('save');
  expect(matcher.match(stroke('s', 'm'), 'command')).toBe('save');
  expect(matcher.match(stroke('Enter', 's'), 'command')).toBeUndefined();
  expect(matcher.match(stroke('Enter', 's'), 'edit')).toBe('run');
  expect(matcher.match(stroke('/', 'c'), 'edit')).toBeUndefined();
});

test('keys are shown as people write them', () => {
  expect(keysText('Mod+Shift+P', false)).toBe('Ctrl + Shift + P');
  expect(keysText('Mod+Shift+P', true)).toBe('⌘ + ⇧ + P');
  expect(keysText('D D', false)).toBe('D D');
  expect(keysText('Mod++', false)).toBe('Ctrl + +');
});
