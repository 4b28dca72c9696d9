/** Copies that come when nobody wants them any more, and those of local checkpoints, which every executor must be able to read. */
import { expect, test } from 'vitest';
import { StorageLevel } from '../storage/storage-level.ts';
import type { DagCommand } from './events.ts';
import { PeerRing } from './replication.ts';
import { DagHarness, forgetAll } from './test-dag-harness.ts';
import { source } from './test-lineage.ts';

const level = StorageLevel.MEMORY_AND_DISK_2;

const ofCopies = (commands: DagCommand[]) =>
  commands.flatMap((command) => {
    if (command.type === 'makeReplica') return [`${command.executorId} makes one for ${command.to}`];
    if (command.type === 'dropReplica')
      return [`${command.executorId} drops that of ${command.replica.from}`];
    if (command.type !== 'adoptReplica') return [];
    const { from, onDisk } = command.replica;
    return [`${command.executorId} takes in that of ${from}${onDisk ? ', on disk' : ''}`];
  });

/** One partition, cached by e1 with a copy for e2; there is e3 too. */
function rig() {
  const h = new DagHarness();
  for (const executorId of ['e1', 'e2', 'e3']) h.post({ type: 'executorAdded', executorId });
  const node = { ...source(0, 1), storageLevel: level };
  h.submit([node], 0, [0]);
  const cache = () => {
    const blocks = [{ rddId: 0, partition: 0, bytes: 1, onDisk: false, replicas: ['e2'] }];
    return ofCopies(h.post({ type: 'blocksCached', executorId: 'e1', epoch: 0, blocks }));
  };
  const made = (executorId: string, to: string) =>
    ofCopies(h.post({ type: 'replicaMade', executorId, rddId: 0, partition: 0, to }));
  return { h, node, cache, made };
}

test('copies made while their dataset was unpersisted are dropped by those they were made for', () => {
  const { h, cache, made } = rig();
  expect(cache()).toEqual(['e2 takes in that of e1']);
  expect(ofCopies(h.post({ type: 'executorLost', executorId: 'e2', reason: 'gone' }))).toEqual([
    'e1 makes one for e3',
  ]);
  h.post({ type: 'executorAdded', executorId: 'e2' });
  h.post({ type: 'persisted', rddId: 0, level: StorageLevel.NONE });
  expect(made('e1', 'e3')).toEqual(['e3 drops that of e1']);
  expect(cache()).toEqual(['e2 drops that of e1']);
  // One that is gone has lost it.
  h.post({ type: 'executorLost', executorId: 'e3', reason: 'gone' });
  expect(made('e1', 'e3')).toEqual([]);
  h.succeed(h.taskSets[0]!);
  forgetAll(h, [0]);
});

test('copies of a local checkpoint are on disk, and tasks are told of those made since', () => {
  const { h, node, cache, made } = rig();
  cache();
  h.succeed(h.taskSets[0]!);
  const op = { kind: 'localCheckpoint' as const, holders: [['e1', 'e2']] };
  expect(ofCopies(h.post({ type: 'replanned', node: { ...node, op } }))).toEqual(['e1 makes one for e2']);
  expect(made('e1', 'e2')).toEqual(['e2 takes in that of e1, on disk']);
  expect(ofCopies(h.post({ type: 'executorLost', executorId: 'e1', reason: 'gone' }))).toEqual([
    'e2 makes one for e3',
  ]);
  expect(made('e2', 'e3')).toEqual(['e3 takes in that of e2, on disk']);
  h.submit([], 0, [0]);
  expect(h.taskSets.at(-1)!.plan.nodes[0]!.op).toEqual({ ...op, holders: [['e1', 'e2', 'e3']] });
  h.succeed(h.taskSets.at(-1)!);
  forgetAll(h, [0]);
});

test('copies go round the other executors, whichever come and go', () => {
  const ring = new PeerRing();
  expect(ring.peersOf('a', 2, 0)).toEqual([]);
  for (const id of ['a', 'b', 'c', 'd']) ring.add(id);
  expect([0, 1, 2, 3].map((partition) => ring.peersOf('b', 2, partition).join(''))).toEqual([
    'ac',
    'cd',
    'da',
    'ac',
  ]);
  expect(ring.peersOf('a', 9, 1)).toEqual(['c', 'd', 'b']);
  ring.remove('b');
  expect(ring.peersOf('d', 1, 1)).toEqual(['c']);
  expect(ring.peersOf('b', 1, 2)).toEqual(['d']);
});
