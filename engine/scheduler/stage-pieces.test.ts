/** What becomes of the ends of pieces. */
import { expect, test } from 'vitest';
import type { JoinPiece } from '../rdd/plan.ts';
import { StagePieces } from './stage-pieces.ts';

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
