/**
 * Accumulators: variables that tasks add to and the driver reads.
 *
 * Every partition of a stage counts once, whatever was tried, lost or computed again: control keeps what the first
 * accepted attempt of each partition added, and the driver merges it when the stage is over, before the action's
 * promise resolves.
 */
import { inspect } from 'node:util';
import type { ShippedHandle } from '../closure/closure.ts';
import type { CallSite } from '../protocol.ts';
import type { AccumulatorHandle } from './accumulation.ts';

export const HANDLE: unique symbol = Symbol.for('stagelight.handle') as never;
/** For the engine: what one task added becomes part of the total of a stage, and that of the value. */
export const merging: unique symbol = Symbol('stagelight.accumulator.merging');

/** For views: the value itself, not a copy, whatever state it is in. */
export const peek: unique symbol = Symbol('stagelight.peek');

export interface Merging<Total> {
  start(): Total;
  add(total: Total, partial: MergedPartial): Total;
  /** Makes the total part of the value. */
  finish(total: Total): void;
  show(total: Total): unknown;
}

/** As in `AccumulatorPartial`, with the value decoded. */
export type MergedPartial = { sum: number; count: number } | { value: unknown };

export interface AccumulatorIdentity {
  id: number;
  name: string | undefined;
  callSite: CallSite | undefined;
}

export abstract class Accumulator<In, Out> {
  /** The number of this accumulator in its application. */
  readonly id: number;
  /** Shown with the stages that add to it. */
  readonly name: string | undefined;
  /** Where it was made. */
  readonly callSite: CallSite | undefined;
  readonly #made = true;

  /** Whether a value is one; asks nothing of the value. */
  static is(value: object): value is Accumulator<never, unknown> {
    return #made in value && value.#made;
  }

  constructor({ id, name, callSite }: AccumulatorIdentity) {
    this.id = id;
    this.name = name;
    this.callSite = callSite;
  }

  /** What was added so far. For the driver only: reading it in a task is an error. */
  abstract get value(): Out;

  /** Adds to the value: in a task when its stage is over, in the driver at once. */
  abstract add(value: In): void;

  /** Back to nothing added. What running stages add comes after. */
  abstract reset(): void;

  abstract get [HANDLE](): ShippedHandle;

  abstract get [merging](): Merging<unknown>;

  [peek](): unknown {
    return this.value;
  }

  protected abstract readonly kind: AccumulatorHandle['kind'];

  /** As errors and listings call it: `longAccumulator "rows"`, or with its number when it has no name. */
  get title(): string {
    const maker = this.kind === 'custom' ? 'accumulator' : `${this.kind}Accumulator`;
    return `${maker} ${this.name === undefined ? this.id : JSON.stringify(this.name)}`;
  }

  protected handle(more: { zero?: Uint8Array } = {}): AccumulatorHandle {
    return { id: this.id, title: this.title, kind: this.kind, ...more };
  }

  [inspect.custom](_depth: number, options: object): string {
    return `${this.title} = ${inspect(this[peek](), options)}`;
  }
}
