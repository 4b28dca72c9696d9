/**
 * The cached partitions of an executor towards control: what leaves memory is told, and what control asks for is done:
 * copies made and taken in, partitions dropped.
 */
import type { CachedBlock } from '../scheduler/backend.ts';
import { executorDirectory } from '../shuffle/block-directory.ts';
import { BlockManager } from '../storage/block-manager.ts';
import type { MemoryManager } from '../storage/memory-manager.ts';
import { DisorderedBlocks } from './disordered-blocks.ts';
import type { ExecutorConfig, FromExecutor, ToExecutor } from './messages.ts';
import { adopt, dropReplica, dropReplicasOf, makeReplica } from './replicas.ts';
import type { TaskRun } from './task-run.ts';

export type BlockRequest = Extract<
  ToExecutor,
  { type: 'makeReplica' | 'adoptReplica' | 'dropReplica' | 'dropReplicasOf' | 'dropRdd' | 'dropBlock' }
>;

export class ExecutorBlocks {
  readonly manager: BlockManager;
  readonly disordered = new DisorderedBlocks();
  readonly #config: ExecutorConfig;
  readonly #post: (message: FromExecutor) => void;
  readonly #flush: () => void;
  readonly #running: () => TaskRun | undefined;

  /** `post` lets a message leave with the next ones, `flush` sends those that wait. */
  constructor(
    config: ExecutorConfig,
    memory: MemoryManager,
    post: (message: FromExecutor) => void,
    flush: () => void,
    running: () => TaskRun | undefined,
  ) {
    this.#config = config;
    this.#post = post;
    this.#flush = flush;
    this.#running = running;
    this.manager = new BlockManager(
      memory,
      executorDirectory(config.blockDirectory, config.executorId),
      (rddId, partition, reason) => this.#evicted(rddId, partition, reason),
      (rddId, partition, bytes) => this.#moved(rddId, partition, bytes),
    );
  }

  receive(request: BlockRequest): void {
    const place = { config: this.#config, blocks: this.manager };
    switch (request.type) {
      case 'makeReplica':
        this.#answer(makeReplica(place, request));
        return;
      case 'adoptReplica':
        this.#answer(adopt(place, request.replica));
        return;
      case 'dropReplica':
        dropReplica(place, request.replica);
        return;
      case 'dropReplicasOf':
        dropReplicasOf(place, request.executorId);
        return;
      case 'dropRdd':
        this.manager.dropRdd(request.rddId);
        this.disordered.deleteRdd(request.rddId);
        return;
      case 'dropBlock':
        this.manager.dropPartition(request.rddId, request.partition);
        this.disordered.delete(request.rddId, request.partition);
        return;
      default:
        request satisfies never;
    }
  }

  #answer(message: FromExecutor | undefined): void {
    if (message !== undefined) this.#post(message);
    this.#flush();
  }

  /** What the running task cached it reports itself, at its end. */
  #ownBlock(rddId: number, partition: number): CachedBlock | undefined {
    return this.#running()?.cachedBlocks.find(
      (block) => block.rddId === rddId && block.partition === partition,
    );
  }

  #evicted(rddId: number, partition: number, reason: string): void {
    const own = this.#ownBlock(rddId, partition);
    if (own !== undefined) this.#running()!.forgetBlock(own);
    else this.#post({ type: 'blockEvicted', rddId, partition, reason });
  }

  #moved(rddId: number, partition: number, bytes: number): void {
    const own = this.#ownBlock(rddId, partition);
    if (own !== undefined) Object.assign(own, { bytes, onDisk: true });
    else this.#post({ type: 'blockStored', rddId, partition, bytes, onDisk: true });
  }
}
