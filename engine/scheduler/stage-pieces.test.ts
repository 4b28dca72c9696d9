/** What becomes of the ends of pieces. */
import { expect, test } from 'vitest';
import type { JoinPiece } from '../rdd/plan.ts';
import { StagePieces } from './stage-pieces.ts';
import { mapStatus } from './test-lineage.ts';

const PIECES: JoinPiece[] = [0, 1].map((number) => ({
  number,
  of: 2,
  sides: [{ from: number, to: number + 1 }, undefined],
}));

function end(attempt: number, piece: number) {
  const result = { bytes: Uint8Array.of(attempt, piece) };
  return { type: 'taskSucceeded' as const, stageId: 0, attempt, index: 5, executorId: 'a', piece, result };
}

test('the last piece of a partition brings what all of them made', () => {
  const pieces = new StagePieces();
  pieces.cut(5, PIECES, 0);
  expect(pieces.take(end(0, 1))).toBe('waiting');
  expect(pieces.missing(5)).toEqual([PIECES[0]]);
  // A piece that came through is kept over attempts, and comes once.
  expect(pieces.take(end(1, 1))).toBe('unknown');
  expect(pieces.take(end(1, 0))).toMatchObject({
    result: { bytes: Uint8Array.of(1, 0), more: [{ bytes: Uint8Array.of(0, 1) }] },
  });
  expect(pieces.missing(5)).toBeUndefined();
});

test('a piece of an earlier attempt is none of a later cut, which may have other ranges', () => {
  const pieces = new StagePieces();
  pieces.cut(5, PIECES, 0);
  expect(pieces.clear()).toEqual([]);
  pieces.cut(5, PIECES, 2);
  expect(pieces.take(end(1, 0))).toBe('unknown');
  expect(pieces.take(end(2, 0))).toBe('waiting');
});

test('checksums of pieces add up to that of the whole, unless rows were combined in each', () => {
  const whole = (combined: boolean) => {
    const pieces = new StagePieces();
    pieces.cut(5, PIECES, 0);
    const base = { type: 'taskSucceeded' as const, stageId: 0, attempt: 0, index: 5, executorId: 'a' };
    pieces.take({ ...base, piece: 0, mapStatus: mapStatus(0, 5, 0, 2 ** 32 - 1) }, combined);
    const end = pieces.take({ ...base, piece: 1, mapStatus: mapStatus(0, 5, 1, 3) }, combined);
    return typeof end === 'string' ? end : end.mapStatus!;
  };
  expect(whole(false)).toMatchObject({ records: 2, rowChecksums: Uint32Array.of(2) });
  expect(whole(true)).toMatchObject({ records: 2, rowChecksums: new Uint32Array() });
});
