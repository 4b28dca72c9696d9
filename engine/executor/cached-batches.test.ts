import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RddNode } from '../rdd/plan.ts';
import { cached, source } from '../scheduler/test-lineage.ts';
import { BlockManager } from '../storage/block-manager.ts';
import { MemoryManager } from '../storage/memory-manager.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import { AddedInTask } from './added-in-task.ts';
import { BlockPart } from './block-part.ts';
import { cachedRows, filled, openFill, takeOut } from './cached-batches.ts';
import { Cancellation } from './cancellation.ts';
import { keepOnDisk } from './checkpoint-source.ts';
import { DisorderedBlocks } from './disordered-blocks.ts';
import { claimAlone } from './shared-blocks.ts';
import type { TaskRun } from './task-run.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'cached-batches-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** As much of a task as caching asks of it. */
function taskOf(root: RddNode, executorId = '1'): TaskRun {
  const blocks = new BlockManager(
    new MemoryManager(1 << 20),
    path.join(directory, `executor_${executorId}`),
    () => {},
  );
  const disordered = new DisorderedBlocks();
  const services = { blocks, disordered, config: { executorId, blockDirectory: directory } };
  const metrics = { inputBytes: 0, inputRecords: 0 };
  const part = {
    services,
    cachedBlocks: [],
    heldAlone: [],
    metrics,
    scope: { context: undefined, added: new AddedInTask() },
    stage: { root },
    launch: { partition: 0 },
    cancellation: new Cancellation(0, undefined, () => {}),
  };
  return part as unknown as TaskRun;
}

function cache(task: TaskRun, node: RddNode, rows: unknown[], meanwhile = () => {}): unknown[] {
  const fill = openFill(task, node, 0);
  try {
    fill.add(rows);
    const finish = fill.finish.bind(fill);
    fill.finish = () => {
      const stored = finish();
      meanwhile();
      return stored;
    };
    return [...filled(task, node, 0, fill, new BlockPart(task))].flat();
  } finally {
    fill.close();
  }
}

describe('a partition that was just cached', () => {
  test('is handed out from there', () => {
    const node = { ...cached(source(7, 1)), storageLevel: StorageLevel.DISK_ONLY };
    expect(cache(taskOf(node), node, [1, 2, 3])).toEqual([1, 2, 3]);
  });

  test('and cannot be read back is an error, not an empty partition', () => {
    const node = { ...cached(source(7, 1)), storageLevel: StorageLevel.DISK_ONLY };
    const task = taskOf(node);
    const lose = () => rmSync(path.join(directory, 'executor_1'), { recursive: true });
    expect(() => cache(task, node, [1, 2, 3], lose)).toThrowError(
      expect.objectContaining({ code: 'CACHED_ROWS_UNREADABLE' }),
    );
  });
});

test('rows of packages that neither memory nor a file can hold are handed out uncached at MEMORY_ONLY', () => {
  class Made {
    readonly text = 'x'.repeat(100);
  }
  const node = { ...cached(source(7, 1)), unproven: true as const, shared: 0 };
  const batches = Array.from({ length: 40 }, () => Array.from({ length: 1_000 }, () => new Made()));
  const fill = openFill(taskOf(node), node, 0);
  const out: unknown[] = [];
  for (const rows of batches) if (!fill.add(rows)) out.push(...[...takeOut(node, 0, fill)].flat());
  expect(fill.finish()).toBeUndefined();
  fill.close();
  expect(out).toEqual(batches.flat());
});

describe('rows of packages that are handed out uncached', () => {
  class Made {
    readonly n: number;
    readonly text = 'x'.repeat(100);
    constructor(n: number) {
      this.n = n;
    }
  }
  const node = { ...cached(source(7, 1)), unproven: true as const, shared: 0 };
  const batches = (add: number) =>
    Array.from({ length: 40 }, (_, i) => Array.from({ length: 500 }, (_, j) => new Made(i * j + add)));

  function compute(executorId: string, add: number): TaskRun {
    const task = taskOf(node, executorId);
    const fill = openFill(task, node, 0);
    try {
      for (const rows of batches(add)) if (!fill.add(rows)) for (const _ of takeOut(node, 0, fill));
      expect([...filled(task, node, 0, fill, new BlockPart(task))]).toEqual([]);
    } finally {
      fill.close();
    }
    return task;
  }

  test('are the same when they are computed again, there or elsewhere, or an error', () => {
    claimAlone(compute('1', 0));
    for (const executorId of ['1', '2']) {
      claimAlone(compute(executorId, 0));
      expect(() => compute(executorId, 1)).toThrowError(
        expect.objectContaining({ code: 'CACHED_ROWS_DIFFER' }),
      );
    }
  });

  test('are those of the task that has come through first', () => {
    const [first, second, third] = [compute('1', 0), compute('2', 1), compute('3', 0)];
    claimAlone(first);
    expect(() => claimAlone(second)).toThrowError(expect.objectContaining({ code: 'CACHED_ROWS_DIFFER' }));
    expect(second.heldBy).toBe('1');
    claimAlone(third);
  });
});

test('a local checkpoint keeps the rows that went by, not those of an earlier generation that are still here', () => {
  const now = { ...cached(source(7, 1)), shared: 1 };
  const task = taskOf(now);
  cache(taskOf(now, '2'), now, ['of now']);
  // A queued task of a job that began before the dataset was unpersisted has come last.
  cache(task, { ...now, shared: 0 }, ['of before']);
  keepOnDisk(task);
  const read = task.services.blocks.read(7, 0) ?? [];
  expect([...read].flat()).toEqual(['of now']);
});

describe('a partition whose rows came in an order that depended on memory', () => {
  const node: RddNode = { ...cached(source(7, 1)), determinism: 'UNORDERED' };
  const read = (task: TaskRun, as: Partial<RddNode> = {}) =>
    [...(cachedRows(task, { ...node, ...as }, 0) ?? ['none'])].flat();
  const disorderedTask = () => {
    const task = taskOf(node);
    cache(task, node, [2, 1]);
    task.services.disordered.add(7, 0);
    return task;
  };

  test('is read, and known to be so', () => {
    const task = disorderedTask();
    expect(read(task)).toEqual([2, 1]);
    expect(task.disordered).toBe(true);
  });

  test('is not read where the order is kept, but what is cached in its place', () => {
    const task = disorderedTask();
    expect(read(task, { keepsOrder: true })).toEqual(['none']);
    cache(task, node, [1, 2]);
    expect(read(task, { keepsOrder: true })).toEqual([1, 2]);
    expect(task.disordered).toBeUndefined();
  });

  test('is what all read when its rows are kept as a checkpoint', () => {
    const task = disorderedTask();
    const op: RddNode['op'] = { kind: 'localCheckpoint', holders: [['1']] };
    expect(read(task, { op, keepsOrder: true })).toEqual([2, 1]);
    expect(task.disordered).toBeUndefined();
  });
});
