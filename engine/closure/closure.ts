/** The two ends of shipping a function: `captureClosure` in the driver, `loadClosure` in the executor. Types. */
import type { SourcePosition } from '../protocol.ts';
import type { ClosureBlob } from '../rdd/plan.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function a user can write is accepted here
export type AnyFunction = (...args: any[]) => any;

/** A function ready to travel, with what the planner needs to know of it. */
export interface CapturedClosure extends ClosureBlob {
  /** The function's own name, if any. */
  name?: string;
  /** From the syntax: the loop around it must await. */
  isAsync: boolean;
  isGenerator: boolean;
  /** The first source of nondeterminism found in it or in what it captures, for example `Math.random`. */
  indeterminate?: string;
  position?: SourcePosition;
}
