/** What a terminal would show, as runs; nothing of an escape sequence ever reaches the page. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAnsi, plainText } from './ansi.ts';

const printable = (character: string) => character >= ' ' && character !== '\u007f';

it('styles runs and ends styles', () => {
  expect(parseAnsi('a \u001b[1;31mb\u001b[0m c')).toEqual([
    { text: 'a ', className: '' },
    { text: 'b', className: 'font-semibold text-bad' },
    { text: ' c', className: '' },
  ]);
});

it('overwrites a line after a carriage return', () => {
  expect(plainText('10%\r50%\r100%\ndone\r\n')).toBe('100%\ndone\n');
});

it('overwrites as far as the new text goes, as a progress bar of changing length does', () => {
  expect(plainText('12345\rab\n')).toBe('ab345\n');
  expect(plainText('\u001b[32mlong\u001b[0m\r\u001b[31mx\u001b[0m')).toBe('x');
});

it('knows the colours of 256 and all others, as ink and as ground', () => {
  expect(parseAnsi('\u001b[38;5;196ma\u001b[48;2;1;2;3mb\u001b[0;44mc')).toEqual([
    { text: 'a', className: '', style: { color: 'color-mix(in oklab, rgb(255 0 0) 65%, var(--ink))' } },
    {
      text: 'b',
      className: '',
      style: {
        color: 'color-mix(in oklab, rgb(255 0 0) 65%, var(--ink))',
        backgroundColor: 'color-mix(in oklab, rgb(1 2 3) 28%, transparent)',
      },
    },
    {
      text: 'c',
      className: '',
      style: { backgroundColor: 'color-mix(in oklab, var(--code-function) 28%, transparent)' },
    },
  ]);
  expect(parseAnsi('\u001b[38;5;1ma')).toEqual([{ text: 'a', className: 'text-bad' }]);
  expect(parseAnsi('\u001b[38;5;999ma\u001b[38;2;1;2;9999mb').map(({ style }) => style)).toEqual([
    undefined,
    undefined,
  ]);
});

it('drops links, cursor movement and control characters', () => {
  expect(plainText('\u001b]8;;javascript:alert(1)\u0007x\u001b]8;;\u0007\u001b[2K\u001b[10Ay\u0007')).toBe(
    'xy',
  );
  expect(plainText('\u001b[38;5;9mz\u001b[48;2;1;2;3mw')).toBe('zw');
});

it('keeps plain text as it is and never emits an escape', () => {
  fc.assert(
    fc.property(fc.string(), (source) => {
      const plain = [...source].filter(printable).join('');
      expect(plainText(plain)).toBe(plain);
      expect(
        [...plainText(`\u001b[${source}`)].every(
          (character) => printable(character) || '\n\t'.includes(character),
        ),
      ).toBe(true);
    }),
  );
});
