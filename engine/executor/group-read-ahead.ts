/** What an executor has read ahead, kept from one task to the next while they compute adjacent partitions of one stage. */
import type { TaskLaunch } from '../scheduler/backend.ts';
import { ReadAhead } from '../shuffle/read-ahead.ts';
import type { PreparedStage } from './prepared-stage.ts';

export class GroupReadAhead {
  /** Bytes an executor may use. */
  readonly #memory: number;
  #current: { range: string; reader: ReadAhead } | undefined;

  constructor(memory: number) {
    this.#memory = memory;
  }

  /** Nothing for a task that is alone. */
  reader({ plan }: PreparedStage, { group }: TaskLaunch): ReadAhead | undefined {
    if (group === undefined || group.last === group.first) {
      this.#current = undefined;
      return undefined;
    }
    const range = `${plan.stageId}.${plan.attempt} ${group.first}-${group.last}`;
    if (this.#current?.range !== range) {
      const maps = plan.shuffleInputs.reduce((sum, input) => sum + input.maps.length, 0);
      const reader = new ReadAhead(group.last - group.first + 1, maps, this.#memory);
      this.#current = { range, reader };
    }
    return this.#current.reader;
  }

  /** No task follows. */
  drop(): void {
    this.#current = undefined;
  }
}
