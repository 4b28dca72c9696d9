/** Ends of tasks that found the disk full: told when room was made, so that they are tried again in what there is. */
import { isOutOfSpace } from '../storage/write-error.ts';
import type { BackendEvent, CachedBlock } from './backend.ts';

type TaskEnded = Extract<BackendEvent, { type: 'taskEnded' }>;
type BlockMoved = Extract<BackendEvent, { type: 'blockEvicted' | 'blockStored' }>;

export interface HeldEndsOptions {
  makeRoom: (() => Promise<void>) | undefined;
  ended(event: TaskEnded): void;
  moved(event: BlockMoved): void;
}

export class HeldEnds {
  readonly #options: HeldEndsOptions;
  /** Each with what became meanwhile of the blocks that it brings. */
  readonly #held = new Map<TaskEnded, BlockMoved[]>();

  constructor(options: HeldEndsOptions) {
    this.#options = options;
  }

  taskEnded(event: TaskEnded): void {
    const { makeRoom, ended, moved } = this.#options;
    const { reason } = event.end;
    if (makeRoom === undefined || reason.kind !== 'exception' || !isOutOfSpace(reason.error)) {
      ended(event);
      return;
    }
    this.#held.set(event, []);
    void makeRoom().then(() => {
      const meanwhile = this.#held.get(event) ?? [];
      this.#held.delete(event);
      ended(event);
      for (const each of meanwhile) moved(each);
    });
  }

  /** What an executor says of a block comes behind the end of the task that has cached it. */
  blockMoved(event: BlockMoved): void {
    for (const [{ executorId, end }, meanwhile] of this.#held) {
      const isOfBlock = ({ rddId, partition }: CachedBlock) =>
        rddId === event.rddId && partition === event.partition;
      if (executorId !== event.executorId || !end.cachedBlocks?.some(isOfBlock)) continue;
      meanwhile.push(event);
      return;
    }
    this.#options.moved(event);
  }
}
