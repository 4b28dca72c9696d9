/** Copies of cached partitions for other executors: written into their folders by the one that computed, taken in by them. */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { CachedBlock, Replica, ReplicaFile } from '../scheduler/backend.ts';
import { executorDirectory } from '../shuffle/block-directory.ts';
import { rddBlockId } from '../storage/block-id.ts';
import type { FromExecutor } from './messages.ts';
import type { ExecutorServices, TaskRun } from './task-run.ts';

/** Where an executor's copies are made and taken in. */
type ReplicaPlace = Pick<ExecutorServices, 'config' | 'blocks'>;

const REPLICA = 'replica_';

/** Named by its giver: the taker may have a partition of its own in the making. */
function replicaFile(
  { blockDirectory }: ExecutorServices['config'],
  block: ReplicaFile,
  executorId: string,
): string {
  const name = `${REPLICA}${rddBlockId(block.rddId, block.partition)}_${block.from}`;
  return path.join(executorDirectory(blockDirectory, executorId), name);
}

/** True when the copy lies there. */
function copyFor(services: ReplicaPlace, rddId: number, partition: number, executorId: string): boolean {
  const { config, blocks } = services;
  const file = replicaFile(config, { rddId, partition, from: config.executorId }, executorId);
  try {
    rmSync(file, { force: true });
    return blocks.copyTo(rddId, partition, file);
  } catch {
    // Fewer copies than asked for, as when the disk is full, are no reason to fail.
    rmSync(file, { force: true });
    return false;
  }
}

/** Copies a partition that this task cached to other executors; returns those for which that went well. */
export function replicate(
  { services, launch }: TaskRun,
  { rddId, partition }: CachedBlock,
  replication: number,
): string[] | undefined {
  const peers = launch.peers?.slice(0, replication - 1) ?? [];
  const done = peers.filter((peer) => copyFor(services, rddId, partition, peer));
  return done.length > 0 ? done : undefined;
}

/** Removes what `replicate` made, before anybody was told of it. */
export function dropCopies({ config }: ReplicaPlace, { rddId, partition, replicas = [] }: CachedBlock): void {
  for (const peer of replicas)
    rmSync(replicaFile(config, { rddId, partition, from: config.executorId }, peer), { force: true });
}

/** The same between tasks, because there are fewer copies than there should be. */
export function makeReplica(
  services: ReplicaPlace,
  { rddId, partition, to }: { rddId: number; partition: number; to: string },
): FromExecutor | undefined {
  return copyFor(services, rddId, partition, to) ? { type: 'replicaMade', rddId, partition, to } : undefined;
}

/** Takes in a copy another executor made for this one, and says what became of it. */
export function adopt({ config, blocks }: ReplicaPlace, replica: Replica): FromExecutor | undefined {
  const { rddId, partition, level } = replica;
  const file = replicaFile(config, replica, config.executorId);
  const refused = (reason: string): FromExecutor => ({ type: 'blockEvicted', rddId, partition, reason });
  try {
    const stored = blocks.adopt(rddId, partition, level, file);
    if (replica.onDisk) blocks.writeThrough(rddId, partition);
    if (stored !== undefined) return { type: 'blockStored', rddId, partition, ...stored };
    // One of its own is as good, and was reported by the task that made it.
    return blocks.has(rddId, partition)
      ? undefined
      : refused('a copy did not fit, or was damaged on the way');
  } catch (error) {
    return refused(`a copy could not be taken in: ${(error as Error).message}`);
  }
}

/** Removes a copy that nobody wants any more: its dataset was unpersisted, or its rows rolled back, while it was made. */
export function dropReplica({ config }: ReplicaPlace, replica: ReplicaFile): void {
  rmSync(replicaFile(config, replica, config.executorId), { force: true });
}

/** Removes all copies that lie here of an executor that has ended, whole or not: nobody will ask for them any more. */
export function dropReplicasOf({ config }: ReplicaPlace, giver: string): void {
  const folder = executorDirectory(config.blockDirectory, config.executorId);
  for (const name of namesIn(folder))
    if (name.startsWith(REPLICA) && name.endsWith(`_${giver}`))
      rmSync(path.join(folder, name), { force: true });
}

/** None where there is no such folder yet. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
