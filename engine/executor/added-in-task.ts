/** What one pass of one task has added to accumulators. */
import { NotEncodable } from '../closure/codec.ts';
import { encodeValue } from '../closure/encode-value.ts';
import { StagelightError } from '../errors.ts';
import type { AccumulatorHandle, AccumulatorPartial } from '../rdd/accumulation.ts';
import type { TaskResult } from '../rdd/plan.ts';

export interface AddedSum {
  sum: number;
  count: number;
}

export class AddedInTask {
  /** `dropped`: the pass or the task counts for nothing. */
  state: 'open' | 'ended' | 'dropped' = 'open';
  readonly #sums = new Map<number, AddedSum>();
  readonly #values = new Map<number, { handle: AccumulatorHandle; value: unknown }>();

  get isEmpty(): boolean {
    return this.#sums.size + this.#values.size === 0;
  }

  sum(id: number): AddedSum {
    let sum = this.#sums.get(id);
    if (!sum) this.#sums.set(id, (sum = { sum: 0, count: 0 }));
    return sum;
  }

  /** `zero` makes the value to begin with. */
  value(handle: AccumulatorHandle, zero: () => unknown): { value: unknown } {
    let added = this.#values.get(handle.id);
    if (!added) this.#values.set(handle.id, (added = { handle, value: zero() }));
    return added;
  }

  /** As it leaves the executor; undefined when nothing was added. `ship` makes a message or a file of encoded values. */
  partials(ship: (name: string, bytes: Uint8Array) => TaskResult): AccumulatorPartial[] | undefined {
    if (this.isEmpty) return undefined;
    const partials: AccumulatorPartial[] = [];
    for (const [id, { sum, count }] of this.#sums) partials.push({ id, kind: 'sum', sum, count });
    for (const [id, { handle, value }] of this.#values)
      partials.push({ id, kind: 'value', value: ship(`accumulator_${id}`, encoded(handle, value)) });
    return partials;
  }
}

function encoded({ title }: AccumulatorHandle, value: unknown): Uint8Array {
  try {
    return encodeValue(value);
  } catch (error) {
    if (!(error instanceof NotEncodable)) throw error;
    const path = error.trail
      .slice(1)
      .map(({ step }) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
      .join('');
    const what = path === '' ? 'it' : `value${path}`;
    throw new StagelightError(
      'ACCUMULATOR_NOT_SERIALIZABLE',
      `what a task added to ${title} cannot be sent to the driver: ${what} is ${error.noun}`,
      { hint: 'Add plain data: its fields instead of an instance, a text instead of a function.' },
    );
  }
}
