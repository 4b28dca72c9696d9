/** Datasets whose rows are kept, as event scripts: what was computed before goes on, and reads them where it comes again. */
import { describe, expect, it } from 'vitest';
import { StorageLevel } from '../storage/storage-level.ts';
import { DagHarness, forgetAll } from './test-dag-harness.ts';
import { runScript } from './test-event-script.ts';
import { source } from './test-lineage.ts';

const CASES: Record<string, string> = {
  'a kept map stage whose shuffles are gone makes a lost output again from the kept rows': `
    a: source 2
    b: shuffle a 2
    c: map b
    d: shuffle c 2
    submit d
    complete 0.0
    complete 1.0
    complete 2.0
    checkpoint c
    parents 1 = 0
    forget a b
    parents 1 =
    e: map d
    submit e
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1] 3.0[0,1]
    fetch 3.0[0] misses 1/0
    resubmit
    expect 1.1[0]
    complete 1.1
    expect 3.1[0,1]
    complete 3.1
    job 1 = 0,1`,
  'the same when the kept dataset is still read by a job that runs': `
    a: source 2
    b: shuffle a 2
    c: map b
    d: shuffle c 2
    e: map c
    submit d
    complete 0.0
    complete 1.0
    complete 2.0
    submit e
    checkpoint c
    forget a b
    parents 1 = 0
    f: map d
    submit f
    complete 3.0
    job 1 = 0,1
    fetch 4.0[0] misses 1/0
    resubmit
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1] 3.0[0,1] 4.0[0,1] 1.1[0]
    complete 1.1
    complete 4.1
    job 2 = 0,1
    parents 1 =`,
  'what was cached of a dataset whose rows may differ goes, and what tasks of before still cache': `
    a: source 2 cached indeterminate
    b: map a
    submit b
    submit a
    expect 0.0[0,1] 1.0[0,1]
    cache a[0,1] on e1 by 0.0
    cache a[0] on e2 by 0.0
    cached a = 0:e1,e2 1:e1
    complete 0.0
    checkpoint a
    cached a = none
    cache a[1] on e1 by 1.0
    cached a = none
    complete 1.0
    submit b
    expect 2.0[0,1]
    cache a[1] on e2 by 2.0
    cached a = 1:e2
    complete 2.0
    job 2 = 0,1`,
  'what was cached of a dataset whose rows are always the same stays': `
    a: source 2 cached
    submit a
    cache a[0,1] on e1 by 0.0
    complete 0.0
    checkpoint a
    cached a = 0:e1 1:e1`,
};

describe('a dataset whose rows are kept', () => {
  it.each(Object.entries(CASES))('%s', (_, script) => runScript(script));
});

it.each([
  ['DETERMINATE', ['e1', 'e2']],
  ['INDETERMINATE', ['e2']],
] as const)(
  'a local checkpoint of a dataset that is %s is read from those that hold what was written',
  (determinism, holders) => {
    const h = new DagHarness();
    const node = { ...source(0, 1), determinism, storageLevel: StorageLevel.MEMORY_AND_DISK };
    h.submit([node], 0, [0]);
    const blocks = [{ rddId: 0, partition: 0, bytes: 1, onDisk: false }];
    for (const executorId of ['e1', 'e2']) h.post({ type: 'blocksCached', executorId, epoch: 0, blocks });
    h.succeed(h.taskSets[0]!);
    const op = { kind: 'localCheckpoint' as const, holders: [['e2']] };
    const commands = h.post({ type: 'replanned', node: { ...node, op } });
    const dropped = commands.flatMap((c) => (c.type === 'dropBlock' ? [c.executorId] : []));
    expect(dropped).toEqual(['e1', 'e2'].filter((id) => !(holders as readonly string[]).includes(id)));
    expect(h.scheduler.state.cache.locations(0, 0)).toEqual(holders);
    forgetAll(h, [0]);
  },
);
