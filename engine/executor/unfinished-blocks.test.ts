/** Of a block directory goes what lost tasks left, and nothing else: an executor may have the number of a task. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { executorDirectory } from '../shuffle/block-directory.ts';
import { removeUnfinished } from '../shuffle/unfinished-blocks.ts';
import { rddBlockId, shuffleBlockId } from '../storage/block-id.ts';
import { taskFileName } from './task-file.ts';

test('only files of the tasks are removed, not those of an executor of the same number', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'stagelight-unfinished-'));
  try {
    const own = executorDirectory(directory, '2');
    mkdirSync(own);
    const kept = [rddBlockId(1, 2), `replica_${rddBlockId(1, 0)}_2`];
    for (const name of kept) writeFileSync(join(own, name), '');
    writeFileSync(join(directory, taskFileName('2')), '');
    const lost = [`${shuffleBlockId(0, 1, 2)}.data`, `${shuffleBlockId(0, 1, 2)}.index.tmp`];
    for (const name of [...lost, `${shuffleBlockId(0, 2, 1)}.data`]) writeFileSync(join(directory, name), '');
    expect((await removeUnfinished(directory, new Set([2]))).sort()).toEqual(lost);
    expect(readdirSync(own).sort()).toEqual(kept.sort());
    expect(readdirSync(directory)).toContain(taskFileName('2'));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
