/** The exact texts of counts, sizes and times. */
import { expect, it } from 'vitest';
import { formatAge, formatBytes, formatCount, formatDuration, formatPlural } from './format.ts';

it('writes durations at every scale', () => {
  const cases: [number, string][] = [
    [0, '0 ms'],
    [0.4, '<1 ms'],
    [14.4, '14 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [9_994, '9.99 s'],
    [10_000, '10.0 s'],
    [59_960, '1 min 0 s'],
    [61_000, '1 min 1 s'],
    [3_661_000, '1 h 1 min'],
    [-5, '0 ms'],
  ];
  for (const [ms, text] of cases) expect(formatDuration(ms), String(ms)).toBe(text);
});

it('writes sizes by powers of 1024', () => {
  expect(formatBytes(0)).toBe('0 B');
  expect(formatBytes(1536)).toBe('1.5 KB');
  expect(formatBytes(150 * 1024)).toBe('150 KB');
  expect(formatBytes(1.1 * 1024 ** 2)).toBe('1.1 MB');
});

it('counts and pluralises', () => {
  expect(formatCount(218640)).toBe('218,640');
  expect(formatPlural(1, 'row')).toBe('1 row');
  expect(formatPlural(0, 'row')).toBe('0 rows');
});

it('writes ages', () => {
  const now = 1_800_000_000_000;
  expect(formatAge(now - 30_000, now)).toBe('just now');
  expect(formatAge(now - 300_000, now)).toBe('5 minutes ago');
  expect(formatAge(now - 86_400_000, now)).toBe('yesterday');
});
