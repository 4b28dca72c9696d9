/** The stages an executor has been sent: their functions are loaded once, their loops compiled once. */

import { loadClosure } from '../closure/load-closure.ts';
import { builtinFunction, isBuiltin } from '../rdd/builtins.ts';
import type { ClosureBlob, ClosureId, StagePlan } from '../rdd/plan.ts';
import { type LoadedFunction, PreparedStage } from './prepared-stage.ts';
import type { UserFunction } from './push-loop.ts';

/** A stage ready to run, or why it cannot be. */
export interface StageEntry {
  plan: StagePlan;
  stage?: PreparedStage;
  error?: unknown;
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

export class StageStore {
  readonly #directory: string;
  readonly #entries = new Map<string, StageEntry>();
  readonly #blobs = new Map<ClosureId, Uint8Array>();

  /** Packages that closures import resolve from `directory`. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  add(plan: StagePlan, closures: ClosureBlob[]): void {
    for (const { id, bytes } of closures) this.#blobs.set(id, bytes);
    const entry: StageEntry = { plan, deserializeTime: 0, ready: Promise.resolve() };
    this.#entries.set(`${plan.stageId}.${plan.attempt}`, entry);
    const started = performance.now();
    const shipped = plan.closureIds.filter((id) => !isBuiltin(id));
    if (shipped.length === 0) this.#prepare(entry, new Map(), started);
    else entry.ready = this.#load(entry, shipped, started);
  }

  async #load(entry: StageEntry, ids: ClosureId[], started: number): Promise<void> {
    const loaded = new Map<ClosureId, LoadedFunction>();
    try {
      for (const id of ids) {
        const bytes = this.#blobs.get(id);
        if (bytes === undefined) throw new Error(`the function ${id} was not sent to this executor`);
        loaded.set(id, describeFunction(await loadClosure(bytes, { directory: this.#directory })));
      }
    } catch (error) {
      entry.error = error;
      return;
    }
    this.#prepare(entry, loaded, started);
  }

  #prepare(entry: StageEntry, loaded: Map<ClosureId, LoadedFunction>, started: number): void {
    try {
      entry.stage = new PreparedStage(
        entry.plan,
        (id) => loaded.get(id) ?? describeFunction(builtinFunction(id)),
      );
    } catch (error) {
      entry.error = error;
    }
    entry.deserializeTime = performance.now() - started;
  }

  get(stageId: number, attempt: number): StageEntry | undefined {
    return this.#entries.get(`${stageId}.${attempt}`);
  }

  forget(stageId: number, attempt: number): void {
    this.#entries.delete(`${stageId}.${attempt}`);
  }
}
