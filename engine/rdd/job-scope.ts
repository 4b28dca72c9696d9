/** Which cell and run the current code belongs to, carried along every await, so that jobs are booked on the right cell. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { AdaptiveOptions } from './adaptive-options.ts';

export interface JobScope {
  cellId?: string;
  runId?: string;
  /** Text shown with the jobs started from here; set by `sc.setJobDescription`. */
  description?: string | undefined;
  /** See `sc.setJobGroup`. */
  groupId?: string | undefined;
  /** See `sc.addJobTag`. */
  tags?: readonly string[];
  /** See `sc.setLocalProperty`. */
  properties?: Readonly<Record<string, string>>;
  /** See `sc.setAdaptive`. */
  adaptive?: Partial<AdaptiveOptions> | undefined;
  /** Jobs started from here end when it aborts. */
  signal?: AbortSignal;
}

const storage = new AsyncLocalStorage<JobScope>();

/** Runs `body` (and everything it starts, awaited or not) under `scope`. */
export function runInScope<R>(scope: JobScope, body: () => R): R {
  return storage.run({ ...scope }, body);
}

/** The scope of the running code; undefined outside any. The object is live: its fields may be set. */
export function currentScope(): JobScope | undefined {
  return storage.getStore();
}
