/** Rows may be small when encoded and large where they are read: what is read at a time is bounded all the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { estimateRowsSize } from '../storage/size-estimate.ts';
import { SpillFile } from '../storage/spill-file.ts';
import { SpilledRows } from '../storage/spilled-rows.ts';
import { ShuffleReader } from './shuffle-reader.ts';
import { ShuffleWriter } from './shuffle-writer.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'frames-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const ROWS = 2000;
const LARGE = 220_000;
/** Every seventh takes 220 KB, of which a few bytes are left; nothing of that is seen from outside. */
const places = (id: number) => (id % 7 === 6 ? LARGE >> 3 : 1);
const row = (id: number): unknown[] => [id, new Array(places(id)).fill(null)];

/** The id of the next. */
function isRow(read: unknown, id: number): number {
  const [own, list] = read as [number, unknown[]];
  expect([own, list.length, list.at(-1)]).toEqual([id, places(id), null]);
  return id + 1;
}

function* batchesOf(write: (out: ShuffleWriter) => void): Generator<unknown[], void> {
  const options = { directory, executorId: '0', shuffleId: 1, mapIndex: 0, attempt: 0, numPartitions: 1 };
  const out = new ShuffleWriter({ ...options, partitioner: () => 0 });
  write(out);
  const reader = new ShuffleReader({ shuffleId: 1, maps: [out.commit()] }, 0);
  try {
    for (let rows = reader.nextRows(); rows !== undefined; rows = reader.nextRows()) yield rows;
  } finally {
    reader.close();
  }
}

const WRITERS: [kind: string, at: 0 | 1, write: (out: ShuffleWriter, id: number) => void][] = [
  ['pairs', 1, (out, id) => out.writePair(id, row(id))],
  ['keys', 0, (out, id) => out.writePair(row(id), null)],
  ['rows', 1, (out, id) => out.writeRow([id, row(id)])],
];

for (const [kind, at, write] of WRITERS) {
  test(`shuffled ${kind} come in frames of a few megabytes, small ones in frames of thousands`, () => {
    let next = 0;
    const mixed = batchesOf((out) => {
      for (let id = 0; id < ROWS; id++) write(out, id);
    });
    for (const rows of mixed) {
      expect(estimateRowsSize(rows)).toBeLessThan(4 << 20);
      for (const read of rows as [unknown, unknown][]) next = isRow(read[at], next);
    }
    expect(next).toBe(ROWS);
    const small = batchesOf((out) => {
      for (let id = 0; id < ROWS; id++) write(out, id * 7);
    });
    expect([...small].map((rows) => rows.length)).toEqual([ROWS]);
  });
}

test('so do rows that were spilled', () => {
  const file = new SpillFile(directory, { memoryBytesSpilled: 0, diskBytesSpilled: 0 });
  const spilled = new SpilledRows(file, 16 << 20);
  spilled.writeRows(Array.from({ length: ROWS }, (_, id) => row(id)));
  let next = 0;
  for (const rows of spilled.readRows()) {
    expect(estimateRowsSize(rows)).toBeLessThan(2 << 20);
    for (const read of rows) next = isRow(read, next);
  }
  expect(next).toBe(ROWS);
  file.close();
});
