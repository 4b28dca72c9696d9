/** The memory of a growing table of keys and combiners, asked for in steps; combiners grow, too, when they gather values. */

import { care } from '../storage/care.ts';
import { flattenTexts } from '../storage/flat-text.ts';
import { GrowthMeter } from '../storage/growth-meter.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { type ExecutionMemory, Reservation } from '../storage/memory-manager.ts';
import { TextCut, withOwnText } from '../storage/own-text.ts';
import { RowSample } from '../storage/row-sample.ts';
import { estimateSize } from '../storage/size-estimate.ts';
import { itemCount } from '../storage/sparse-array.ts';

/** New keys between two requests for memory; fewer while the keys or their combiners are large. */
const LARGEST_STEP = 1024;
const STEP_BYTES = 1 << 18;
/** A key, a combiner, and the places of the table. */
const ENTRY_BYTES = 48;
const SLOT_BYTES = 8;
const SAMPLED_KEYS = 4;
/** The place of a key that is kept in a Map, besides that. */
const MAP_BYTES = 32;
const SAMPLED_COMBINERS = 2048;
/** A table found to be smaller than this share of what it holds goes on, or it would be measured over and over. */
const MUCH_SMALLER = 0.75;

const MANY_PARTS = 32;
const LONG_TEXT = 1024;

/** Whether a value counts by itself: among many small ones no sample would meet it. */
export function isLarge(value: unknown): boolean {
  if (typeof value === 'string') return value.length > LONG_TEXT;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length > MANY_PARTS;
  if (ArrayBuffer.isView(value)) return value.byteLength > LONG_TEXT;
  return (value instanceof Map || value instanceof Set) && value.size > MANY_PARTS;
}

/** A key that is neither text nor number is kept with the form by which it is compared. */
function estimateKey(key: unknown, sample: RowSample): number {
  const bytes = sample.size(key);
  if (typeof key === 'string' || typeof key === 'number') return bytes;
  const form = keyToMapKey(key);
  return bytes + MAP_BYTES + (form === key ? 0 : estimateSize(form));
}

function estimateKeys(keys: readonly unknown[]): number {
  const step = Math.max(1, Math.floor(keys.length / SAMPLED_COMBINERS));
  const sample = new RowSample();
  let sampled = 0;
  let bytes = 0;
  for (let i = 0; i < keys.length; i += step) {
    bytes += SLOT_BYTES + estimateKey(keys[i], sample);
    sampled++;
  }
  return sampled === 0 ? 0 : (bytes / sampled) * keys.length;
}

/** How much there is to a combiner, at one glance. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return 1 + value.length;
  if (Array.isArray(value)) return 1 + itemCount(value);
  return value instanceof Map || value instanceof Set ? 1 + value.size : 1;
}

/** Combiners may differ in size by any factor, so that a sample alone would miss the largest. */
function estimateCombiners(values: readonly unknown[]): number {
  let length = 0;
  for (const value of values) length += lengthOf(value);
  const step = Math.max(1, Math.floor(values.length / SAMPLED_COMBINERS));
  const sample = new RowSample();
  let sampledLength = 0;
  let bytes = 0;
  for (let i = 0; i < values.length; i += step) {
    sampledLength += lengthOf(values[i]);
    bytes += sample.size(values[i]);
  }
  return sampledLength === 0 ? 0 : (bytes / sampledLength) * length;
}

function own(keys: unknown[], values: unknown[], from: number): void {
  for (let i = Math.max(0, from); i < keys.length; i++) {
    keys[i] = withOwnText(keys[i]);
    values[i] = withOwnText(values[i]);
  }
}

function flatten(keys: unknown[], values: unknown[], from: number): void {
  for (let i = Math.max(0, from); i < keys.length; i++) {
    flattenTexts(keys[i]);
    flattenTexts(values[i]);
  }
}

export class EntryAccount {
  /** Looks at the values that are merged into combiners which are objects. */
  readonly meter = new GrowthMeter();
  /** New keys until `grow` is to be called. */
  step = 1;
  readonly #reservation: Reservation;
  readonly #text = new TextCut();
  readonly #sample = new RowSample();
  #released = 0;
  #merged = 0;
  /** Keys and values are to have texts of their own before they are put in. */
  ownsText = false;

  constructor(memory: ExecutionMemory | undefined) {
    this.#reservation = new Reservation(memory);
  }

  get held(): number {
    return this.#reservation.held;
  }

  /** Asks for the last `step` entries; false when that is refused. */
  grow(keys: unknown[], values: unknown[]): boolean {
    // The newest few stand for all since the last request.
    const looked = Math.min(SAMPLED_KEYS, this.step);
    let sampled = ENTRY_BYTES;
    for (let i = keys.length - looked; i < keys.length; i++) {
      sampled += (estimateKey(keys[i], this.#sample) + this.#sample.size(values[i])) / looked;
    }
    const bytes = this.step * sampled;
    if (this.#sample.takeSawTree()) flatten(keys, values, keys.length - this.step);
    if (this.#isSparse(bytes)) own(keys, values, keys.length - this.step);
    this.step = care.isTaken
      ? 1
      : Math.max(1, Math.min(this.step * 4, LARGEST_STEP, Math.floor(STEP_BYTES / sampled)));
    return this.#take(bytes, keys, values);
  }

  /**
   * To be called with a large value, new or merged, and when the meter asks to see one that was merged; false when there
   * is no memory for it.
   */
  look(value: unknown, keys: unknown[], values: unknown[]): boolean {
    this.#merged += isLarge(value) ? this.#sample.size(value) : this.meter.look(value);
    if (this.meter.left <= 0) this.meter.left = 1;
    if (this.#merged < STEP_BYTES / 4) return true;
    const bytes = this.#merged;
    this.#merged = 0;
    this.#isSparse(bytes);
    return this.#take(bytes, keys, values);
  }

  #isSparse(bytes: number): boolean {
    this.ownsText = this.#text.isSparse(this.#released + this.held + bytes);
    return this.ownsText;
  }

  #take(bytes: number, keys: unknown[], values: unknown[]): boolean {
    if (this.#reservation.grow(bytes)) return true;
    if (this.#reservation.isHeapShort) return false;
    // What was merged need not have been kept: a sum or a mean does not grow.
    const real = keys.length * ENTRY_BYTES + estimateKeys(keys) + estimateCombiners(values);
    if (real > this.held * MUCH_SMALLER) return false;
    this.#reservation.shrinkTo(real);
    if (this.#isSparse(0)) own(keys, values, 0);
    return true;
  }

  /** Grants a table that cannot be divided what it takes, up to half of the budget. */
  insist(entries: readonly unknown[]): boolean {
    return this.#reservation.insist(entries);
  }

  release(): void {
    this.#released += this.held;
    this.#reservation.release();
    this.#merged = 0;
  }
}
