/** What one pass of one task has added to accumulators, in parts: each partition that it caches has a part of its own. */
import { NotEncodable } from '../closure/codec.ts';
import { encodeValue } from '../closure/encode-value.ts';
import { StagelightError } from '../errors.ts';
import type { AccumulatorHandle, AccumulatorPartial } from '../rdd/accumulation.ts';
import type { TaskResult } from '../rdd/plan.ts';
import type { CachedBlock } from '../scheduler/backend.ts';

export interface AddedSum {
  sum: number;
  count: number;
}

/** What was added while a block was computed that all executors read. */
export interface AddedWithBlock {
  rddId: number;
  generation: number;
  /** The file in which it stands beside the block: its name wherever it is counted. */
  note: string;
  /** Partials, encoded. */
  bytes: Uint8Array;
}

/** `dropped`: the pass or the task counts for nothing. */
type PassState = 'open' | 'ended' | 'dropped';

export class AddedInTask {
  readonly #whole: AddedInTask | undefined;
  /** Of the pass: the outermost whole. */
  readonly #pass: AddedInTask;
  #state: PassState = 'open';
  /** Of partitions that are computed to be cached, without those that were left to blocks. */
  readonly #parts = new Set<AddedInTask>();
  /** Of blocks that this has used or made, by note. */
  readonly #withBlocks = new Map<string, AddedWithBlock>();
  readonly #cached: CachedBlock[] = [];
  readonly #sums = new Map<number, AddedSum>();
  readonly #values = new Map<number, { handle: AccumulatorHandle; value: unknown }>();

  /** `whole`: of which this is a part. */
  constructor(whole?: AddedInTask) {
    this.#whole = whole;
    this.#pass = whole ? whole.#pass : this;
    if (whole) whole.#parts.add(this);
  }

  get state(): PassState {
    const state = this.#pass.#state;
    return state === 'open' ? this.#state : state;
  }

  set state(state: PassState) {
    this.#state = state;
  }

  get isEmpty(): boolean {
    return (
      this.#sums.size + this.#values.size + this.#withBlocks.size === 0 &&
      [...this.#parts].every((part) => part.isEmpty)
    );
  }

  /** The partition that this was added for was cached, and others do not read it before the task has ended well. */
  cached(block: CachedBlock): void {
    this.#cached.push(block);
  }

  /** The partitions that were cached on the way, without those that came with blocks for all. */
  get cachedBlocks(): CachedBlock[] {
    return [...this.#cached, ...[...this.#parts].flatMap((part) => part.cachedBlocks)];
  }

  /** It counts with the block, of this executor or of the one that was first; what is added later counts for nothing. */
  leaveToBlock(): void {
    if (this.#whole) this.#whole.#parts.delete(this);
    this.#end();
    this.clear();
  }

  #end(): void {
    this.#state = 'ended';
    for (const part of this.#parts) part.#end();
  }

  /** What else was added that rows have come from which it has read. */
  use(added: AddedWithBlock): void {
    this.#withBlocks.set(added.note, added);
  }

  /** As it is noted beside a block that this was computed for. */
  forNote(rddId: number, generation: number, note: string): AddedWithBlock[] {
    const partials = this.#own((_name, bytes) => ({ bytes }));
    const own = partials.length > 0 ? [{ rddId, generation, note, bytes: encodeValue(partials) }] : [];
    return [...own, ...this.#used().values()];
  }

  sum(id: number): AddedSum {
    let sum = this.#sums.get(id);
    if (!sum) this.#sums.set(id, (sum = { sum: 0, count: 0 }));
    return sum;
  }

  /** It has left, or counts for nothing: whatever the task has made, a pool of connections say, keeps its scope. */
  clear(): void {
    for (const part of this.#parts) part.clear();
    for (const all of [this.#parts, this.#withBlocks, this.#sums, this.#values]) all.clear();
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
    let shipped = 0;
    const shipOne = (name: string, bytes: Uint8Array) => ship(`${name}_${shipped++}`, bytes);
    const partials = this.#own(shipOne);
    for (const { bytes, ...block } of this.#used().values())
      partials.push({ kind: 'block', ...block, value: shipOne('added', bytes) });
    return partials;
  }

  /** `inCached`: of a partition within one that was cached. */
  #own(ship: (name: string, bytes: Uint8Array) => TaskResult, inCached = false): AccumulatorPartial[] {
    const isCached = inCached || this.#cached.length > 0;
    const cached = isCached ? { cached: true as const } : {};
    const partials: AccumulatorPartial[] = [];
    for (const [id, { sum, count }] of this.#sums) partials.push({ id, kind: 'sum', sum, count, ...cached });
    for (const [id, { handle, value }] of this.#values)
      partials.push({
        id,
        kind: 'value',
        value: ship(`accumulator_${id}`, encoded(handle, value)),
        ...cached,
      });
    for (const part of this.#parts) partials.push(...part.#own(ship, isCached));
    return partials;
  }

  #used(): Map<string, AddedWithBlock> {
    return new Map([...this.#withBlocks, ...[...this.#parts].flatMap((part) => [...part.#used()])]);
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
