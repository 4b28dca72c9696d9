/** No text of either side is lost when a notebook's file and its session both changed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileCell } from '../engine/kernel/notebook-file.ts';
import { mergeDocuments } from './merge-documents.ts';

const cell = (cellId: string, source: string): FileCell => ({ cellId, kind: 'code', source, markerText: '' });
const cells = (text: string) => text.split(' ').map((part) => cell(part[0]!, part.slice(1)));
const merge = (base: string, mine: string, disk: string) =>
  mergeDocuments(cells(base), cells(mine), cells(disk))
    .map(({ cellId, source }) => cellId + source)
    .join(' ');

describe('a merge of three notebooks', () => {
  test.each([
    ['a1 b1', 'a1 b1', 'a2 b1 c1', 'a2 b1 c1'],
    ['a1 b1', 'a1 b2', 'a2 b1', 'a2 b2'],
    ['a1 b1', 'a1 x1 b1', 'a1 b2', 'a1 x1 b2'],
    ['a1 b1', 'a1', 'a1 b1', 'a1'],
    ['a1 b1', 'a1', 'a1 b2', 'a1 b2'],
    ['a1 b1', 'a1 b2', 'a1', 'a1 b2'],
    ['a1 b1', 'a1 b1', 'b1 a1', 'b1 a1'],
    ['a1', 'a2', 'a3', 'a<<<<<<< this page\n2\n=======\n3\n>>>>>>> the file'],
    ['a1\n2\n3', 'a0\n2\n3', 'a1\n2\n4', 'a0\n2\n4'],
    ['a1\n2', 'a1\n2\n3', 'a1\n2\n3', 'a1\n2\n3'],
  ])('of %s: here %s, there %s, gives %s', (base, mine, disk, expected) => {
    expect(merge(base, mine, disk)).toBe(expected);
  });

  test('cells whose file gives them no ids keep those they have', () => {
    expect(merge('a1 b2', 'a1 b2', 'x1 y2 z3')).toBe('a1 b2 z3');
  });

  test('every text that is new on one side is there, and every id once', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const notebook = (prefix: string) =>
      fc
        .uniqueArray(fc.record({ id, text: fc.nat(3) }), { selector: (c) => c.id })
        .map((list) => list.map(({ id: cellId, text }) => cell(cellId, `${prefix}${text}`)));
    fc.assert(
      fc.property(notebook('base'), notebook('mine'), notebook('disk'), (base, mine, disk) => {
        const merged = mergeDocuments(base, mine, disk);
        const texts = merged.map(({ source }) => source);
        const lines = texts.flatMap((text) => text.split('\n'));
        for (const { source } of [...mine, ...disk]) expect(lines).toContain(source);
        expect(new Set(merged.map(({ cellId }) => cellId)).size).toBe(merged.length);
      }),
    );
  });
});
