import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CellInterrupted } from '../closure/cell-runtime.ts';
import { eventually } from '../testing-eventually.ts';
import { CellRun } from './cell-run.ts';
import { DriverJobRunner } from './driver-job-runner.ts';
import { SIGNAL_SLOTS } from './driver-messages.ts';

test('results that arrive after the interrupt of their run leave no file behind', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'stagelight-test-'));
  try {
    const run = new CellRun(1, 'a', 'r1');
    const ended: CellRun[] = [];
    const config = {
      blockDirectory: directory,
      executors: 1,
      directory,
      signals: new SharedArrayBuffer(4 * SIGNAL_SLOTS),
    };
    const jobs = new DriverJobRunner(
      config,
      () => {},
      () => run,
      (each) => ended.push(each),
    );
    const job = { nodes: [], closures: [], rddId: 0, partitions: [0], name: 'collect' };
    const { jobId, results } = jobs.submitJob({ ...job, action: { kind: 'collect' } });
    const file = join(directory, 'taskresult_0');
    writeFileSync(file, 'rows');
    run.interrupt();
    await expect(results).rejects.toThrow(CellInterrupted);
    jobs.settle({ type: 'jobSucceeded', jobId, results: [{ file, length: 4, crc: 0 }] });
    await eventually(() => expect(existsSync(file)).toBe(false));
    expect([run.runningJobs, ended]).toEqual([0, [run]]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
