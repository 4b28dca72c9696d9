/** All broadcasts and accumulators of one application: makes them, merges what tasks added, frees what is unreachable. */
import { rmSync } from 'node:fs';
import { inspect } from 'node:util';
import { captureClosure, captureValue } from '../closure/capture.ts';
import type { DecodeRoom } from '../closure/codec.ts';
import { decodeValue } from '../closure/decode-value.ts';
import { errorToData, StagelightError } from '../errors.ts';
import type { AccumulableInfo } from '../protocol.ts';
import { isPlainObject } from '../storage/plain-object.ts';
import type { AccumulatorPartial, OwnPartial, StageAccumulation } from './accumulation.ts';
import {
  type Accumulator,
  type AccumulatorIdentity,
  type MergedPartial,
  merging,
  peek,
} from './accumulator.ts';
import { AccumulatorRoom } from './accumulator-room.ts';
import { Broadcast } from './broadcast.ts';
import { writeBroadcast } from './broadcast-file.ts';
import type { JobRunner } from './job-runner.ts';
import type { Call } from './lineage.ts';
import type { TaskResult } from './plan.ts';
import { readResultFile } from './result-file.ts';
import { DoubleAccumulator, LongAccumulator } from './sum-accumulator.ts';
import { type AccumulatorFunctions, CollectionAccumulator, CustomAccumulator } from './value-accumulator.ts';

type AnyAccumulator = Accumulator<never, unknown>;

const SHOWN_CHARACTERS = 200;

export class SharedVariables {
  readonly #runner: JobRunner;
  /** Whether a job was submitted here and has not ended. */
  readonly #isActive: (jobId: number) => boolean;
  readonly #accumulators = new Map<number, WeakRef<AnyAccumulator>>();
  readonly #lifetimes = new FinalizationRegistry<() => void>((free) => free());
  /** Why a job's accumulators could not be merged. */
  readonly #failures = new Map<number, StagelightError>();
  #nextBroadcast = 0;
  #nextAccumulator = 0;

  constructor(runner: JobRunner, isActive: (jobId: number) => boolean) {
    this.#runner = runner;
    this.#isActive = isActive;
    runner.onAccumulated((added) => this.#merge(added));
  }

  // ------------------------------------------------------------------ making them

  broadcast<T>(value: T, { callSite }: Call): Broadcast<T> {
    const { bytes, ...content } = captureValue(value, 'broadcast', callSite);
    const id = this.#nextBroadcast++;
    const title = `broadcast ${id}`;
    const path = writeBroadcast(this.#runner.blockDirectory, id, title, bytes);
    const unpersist = () => this.#runner.dropBroadcast(id);
    let exists = true;
    const destroy = () => {
      if (!exists) return;
      exists = false;
      rmSync(path, { force: true });
      unpersist();
    };
    const handle = { id, title, path, bytes: bytes.length };
    const broadcast = new Broadcast(value, { handle, content, unpersist, destroy });
    this.#lifetimes.register(broadcast, destroy);
    return broadcast;
  }

  longAccumulator(name: string | undefined, call: Call): LongAccumulator {
    return this.#register(new LongAccumulator(this.#identity(name, call)));
  }

  doubleAccumulator(name: string | undefined, call: Call): DoubleAccumulator {
    return this.#register(new DoubleAccumulator(this.#identity(name, call)));
  }

  collectionAccumulator<T>(name: string | undefined, call: Call): CollectionAccumulator<T> {
    return this.#register(new CollectionAccumulator<T>(this.#identity(name, call)));
  }

  accumulator<V, T>(functions: AccumulatorFunctions<V, T>, name: string | undefined, call: Call) {
    const { zero, add, merge } = functions ?? {};
    if (typeof add !== 'function' || typeof merge !== 'function') {
      throw new StagelightError('INVALID_ARGUMENT', 'accumulator: expected { zero, add, merge }', {
        hint: 'add(value, added) and merge(a, b) are functions that return the new value.',
        position: call.callSite,
      });
    }
    // Refused here, where it is written, rather than by each operator that uses it.
    captureClosure(add, 'accumulator', call.callSite);
    const identity = this.#identity(name, call);
    const encoded = captureValue(zero, 'accumulator', call.callSite);
    return this.#register(new CustomAccumulator<V, T>(identity, { zero, add, merge }, encoded));
  }

  #identity(name: unknown, { name: operator, callSite }: Call): AccumulatorIdentity {
    if (name !== undefined && typeof name !== 'string') {
      throw new StagelightError('INVALID_ARGUMENT', `${operator}: the name must be a text`, {
        position: callSite,
      });
    }
    return { id: this.#nextAccumulator++, name, callSite };
  }

  #register<A extends AnyAccumulator>(accumulator: A): A {
    const { id } = accumulator;
    this.#accumulators.set(id, new WeakRef<AnyAccumulator>(accumulator));
    this.#lifetimes.register(accumulator, () => this.#accumulators.delete(id));
    return accumulator;
  }

  // ------------------------------------------------------------------ what tasks added

  /** The error that merging what this job's tasks added met, once. */
  takeFailure(jobId: number): StagelightError | undefined {
    const failure = this.#failures.get(jobId);
    this.#failures.delete(jobId);
    return failure;
  }

  #merge({ stageId, attempt, jobIds, partials }: StageAccumulation): void {
    const byId = new Map<number, OwnPartial[]>();
    for (const partial of this.#withBlocks(jobIds, partials)) {
      const known = byId.get(partial.id);
      if (known) known.push(partial);
      else byId.set(partial.id, [partial]);
    }
    const shown: AccumulableInfo[] = [];
    for (const [id, added] of byId) {
      const accumulator = this.#accumulators.get(id)?.deref();
      try {
        const info = accumulator ? mergeOne(accumulator, added, stageId) : undefined;
        if (info) shown.push(info);
      } catch (error) {
        this.#fail(jobIds, error);
      } finally {
        for (const partial of added) deleteFile(partial);
      }
    }
    if (shown.length > 0) this.#runner.accumulated(stageId, attempt, shown);
  }

  /** With what blocks bring taken out of them; nobody needs to bring it again. */
  #withBlocks(jobIds: number[], partials: AccumulatorPartial[]): OwnPartial[] {
    return partials.flatMap((partial) => {
      if (partial.kind !== 'block') return [partial];
      try {
        return read(partial.value) as OwnPartial[];
      } catch (error) {
        this.#fail(jobIds, error);
        return [];
      } finally {
        if ('file' in partial.value) rmSync(partial.value.file, { force: true });
        rmSync(partial.note, { force: true });
      }
    });
  }

  #fail(jobIds: number[], error: unknown): void {
    const failure =
      error instanceof StagelightError
        ? error
        : new StagelightError('ACCUMULATOR_MERGE', errorToData(error).message, { cause: error });
    for (const jobId of jobIds) {
      if (!this.#isActive(jobId) || this.#failures.has(jobId)) continue;
      this.#failures.set(jobId, failure);
      this.#runner.cancelJob(jobId, failure.message);
    }
  }
}

/** First a total of the stage, then that into the value: an error on the way leaves the value as it was. */
function mergeOne(
  accumulator: AnyAccumulator,
  partials: OwnPartial[],
  stageId: number,
): AccumulableInfo | undefined {
  const { id, name, title, callSite } = accumulator;
  const { start, add, finish, show } = accumulator[merging];
  const bytes = partials.reduce((sum, partial) => sum + encodedSize(partial), 0);
  const room = new AccumulatorRoom({ title, callSite, stageId, bytes });
  let total = start();
  for (const partial of partials) {
    const added = decoded(partial, room);
    if ('value' in added) room.merges(total, added.value);
    total = add(total, added);
  }
  room.merges(accumulator[peek](), total);
  const update = name === undefined ? '' : text(show(total));
  finish(total);
  return name === undefined ? undefined : { id, name, update, value: text(accumulator[peek]()) };
}

function encodedSize(partial: OwnPartial): number {
  if (partial.kind === 'sum') return 0;
  return 'bytes' in partial.value ? partial.value.bytes.length : partial.value.length;
}

function decoded(partial: OwnPartial, room: AccumulatorRoom): MergedPartial {
  return partial.kind === 'sum' ? partial : { value: read(partial.value, room) };
}

function read(value: TaskResult, room?: DecodeRoom): unknown {
  const bytes = 'bytes' in value ? value.bytes : readResultFile(value);
  return decodeValue(bytes, room && { room });
}

function deleteFile(partial: OwnPartial): void {
  if (partial.kind === 'value' && 'file' in partial.value) rmSync(partial.value.file, { force: true });
}

/** A record with its first fields: of all others `inspect` shows the first items, of it every field. */
function shortened(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !isPlainObject(value)) return value;
  const names = Object.keys(value);
  if (names.length <= SHOWN_CHARACTERS) return value;
  return Object.fromEntries(
    names.slice(0, SHOWN_CHARACTERS).map((name) => [name, (value as Record<string, unknown>)[name]]),
  );
}

function text(value: unknown): string {
  const whole = inspect(shortened(value), {
    depth: 2,
    maxArrayLength: 10,
    maxStringLength: SHOWN_CHARACTERS,
    breakLength: Number.POSITIVE_INFINITY,
    customInspect: false,
  });
  return whole.length > SHOWN_CHARACTERS ? `${whole.slice(0, SHOWN_CHARACTERS - 1)}…` : whole;
}
