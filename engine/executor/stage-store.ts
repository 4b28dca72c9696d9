/** The stages an executor has been sent: their functions are loaded once, their loops compiled once. */

import { toMicros } from '../clock.ts';
import type { HandleReader } from '../closure/closure.ts';
import { loadClosure } from '../closure/load-closure.ts';
import { builtinFunction, isBuiltin } from '../rdd/builtins.ts';
import type { ClosureBlob, ClosureId, StagePlan } from '../rdd/plan.ts';
import { type LoadedFunction, PreparedStage } from './prepared-stage.ts';
import type { UserFunction } from './push-loop.ts';

/** A stage ready to run, or why it cannot be. */
export interface StageEntry {
  plan: StagePlan;
  stage?: PreparedStage;
  /** With whatever was thrown, be it undefined. */
  failure?: { error: unknown };
  /** Spent on loading it and not yet charged to a task. */
  deserializeTime: number;
  ready: Promise<void>;
}

/** What a function is by its syntax; closures are compiled in this realm, so their kind shows in their prototype. */
export function describeFunction(call: UserFunction): LoadedFunction {
  const tag: unknown = (call as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return {
    call,
    isAsync: tag === 'AsyncFunction' || tag === 'AsyncGeneratorFunction',
    isGenerator: tag === 'GeneratorFunction' || tag === 'AsyncGeneratorFunction',
  };
}

/** The bytes are kept until they are loaded: what failed, for want of a package perhaps, is tried again. */
interface StoredClosure {
  bytes?: Uint8Array | undefined;
  loaded?: Promise<LoadedFunction> | undefined;
}

export class StageStore {
  readonly #directory: string;
  readonly #handles: HandleReader | undefined;
  readonly #entries = new Map<string, StageEntry>();
  readonly #closures = new Map<ClosureId, StoredClosure>();

  /** Packages that closures import resolve from `directory`; `handles` reads the shared variables they capture. */
  constructor(directory: string, handles?: HandleReader) {
    this.#directory = directory;
    this.#handles = handles;
  }

  add(plan: StagePlan, closures: ClosureBlob[]): void {
    for (const { id, bytes } of closures) this.#closures.set(id, { bytes });
    const entry: StageEntry = { plan, deserializeTime: 0, ready: Promise.resolve() };
    this.#entries.set(`${plan.stageId}.${plan.attempt}`, entry);
    const started = performance.now();
    const shipped = plan.closureIds.filter((id) => !isBuiltin(id));
    if (shipped.length === 0) this.#prepare(entry, new Map(), started);
    else entry.ready = this.#load(entry, shipped, started);
  }

  async #load(entry: StageEntry, ids: ClosureId[], started: number): Promise<void> {
    try {
      const functions = await Promise.all(ids.map((id) => this.#function(id)));
      this.#prepare(entry, new Map(ids.map((id, i) => [id, functions[i]!])), started);
    } catch (error) {
      entry.failure = { error };
    }
  }

  async #function(id: ClosureId): Promise<LoadedFunction> {
    const closure = this.#closures.get(id);
    if (closure === undefined) throw new Error(`the function ${id} was not sent to this executor`);
    closure.loaded ??= loadClosure(closure.bytes!, {
      directory: this.#directory,
      handle: this.#handles,
    }).then(describeFunction);
    try {
      const loaded = await closure.loaded;
      closure.bytes = undefined;
      return loaded;
    } catch (error) {
      closure.loaded = undefined;
      throw error;
    }
  }

  #prepare(entry: StageEntry, loaded: Map<ClosureId, LoadedFunction>, started: number): void {
    try {
      entry.stage = new PreparedStage(
        entry.plan,
        (id) => loaded.get(id) ?? describeFunction(builtinFunction(id)),
      );
    } catch (error) {
      entry.failure = { error };
    }
    entry.deserializeTime = toMicros(performance.now() - started);
  }

  get(stageId: number, attempt: number): StageEntry | undefined {
    return this.#entries.get(`${stageId}.${attempt}`);
  }

  forget(stageId: number, attempt: number): void {
    const key = `${stageId}.${attempt}`;
    this.#entries.get(key)?.stage?.joinTables.close();
    this.#entries.delete(key);
  }

  forgetClosures(ids: ClosureId[]): void {
    for (const id of ids) this.#closures.delete(id);
  }
}
