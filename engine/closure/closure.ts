/**
 * The vocabulary of compiling and shipping user functions. Types only.
 *
 * `compileCell` (compile-cell.ts) makes a cell runnable, `captureClosure` (capture.ts) freezes a function in the
 * driver, `loadClosure` (load-closure.ts) compiles it in the executor, `callSiteFromStack` (call-site.ts) finds the
 * user's own call, `withUserPosition` (stack-frames.ts) makes an error out of anything thrown.
 */
import type { SourcePosition } from '../protocol.ts';
import type { ClosureBlob } from '../rdd/plan.ts';
import type { ExportReference } from './module-import.ts';

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
  /** It uses something of a package, whose code nobody looked at: whether it gives the same again is not known. */
  unexamined?: true;
  /** It mentions TaskContext: what it does may depend on the task it runs in. */
  readsTask?: true;
  /** It captures an accumulator. */
  accumulates?: true;
  position?: SourcePosition;
  /** As `id`, but of code and captures alone: moving the function to another line does not change it. */
  fingerprint: string;
  /** What it captures by handle: to be kept reachable as long as the closure may run. */
  held: readonly object[];
}

/** A value ready to travel as a closure's captures do: with the functions in it, and what those capture. */
export interface CapturedValue {
  bytes: Uint8Array;
  /** Of content alone. */
  fingerprint: string;
  /** Modules that must be there before it can be read. */
  imports: readonly ExportReference[];
  held: readonly object[];
}

/** The one plain object whose properties are the top-level names of all cells of a notebook. */
export type CellScope = Record<string, unknown>;

export interface CompileCellOptions {
  cellId: string;
  /** The notebook or script: `import` resolves from its folder. */
  file: string;
  /** Names the scope has now; any other name is looked up when it is used. */
  scopeNames: Iterable<string>;
}

export interface CompiledCell {
  cellId: string;
  /** Top-level names this cell defines, in order of definition. */
  definitions: string[];
  /** Names it reads from other cells or from the globals. */
  references: string[];
  /** Specifiers of its import statements. */
  imports: string[];
  /** The JavaScript that runs. */
  code: string;
  /**
   * Runs the cell; resolves to the value of its last expression (undefined when it ends with another statement).
   * `check` is called after every await and in every `for await` iteration, also of functions this cell defines and
   * other cells call later: it must find the run it is called for (AsyncLocalStorage) and throw CellInterrupted
   * when that run was interrupted.
   */
  run(scope: CellScope, check: () => void): Promise<unknown>;
  /** A position in `code` (from 1) as a position in the cell's source. */
  mapPosition(line: number, column: number): { line: number; column: number };
}

export interface LoadClosureOptions {
  /** Packages resolve from this folder when the module that imported them cannot be resolved; default: cwd. */
  directory?: string;
  /** Turns a captured handle (a broadcast, an accumulator) back into an object. */
  handle?: HandleReader;
}

export type HandleReader = (type: string, data: unknown, values: readonly unknown[]) => unknown;

/**
 * An object that travels as a handle instead of by value carries this under `Symbol.for('stagelight.handle')`:
 * `type` and `data` reach `LoadClosureOptions.handle` in the executor.
 */
export interface ShippedHandle {
  type: string;
  data: unknown;
  /** What stands for it in the closure's fingerprint; the data unless said. */
  fingerprint?: string;
  /** Travel as captures do: functions, or further handles. */
  values?: readonly unknown[];
  /** Brought in before the closure runs. */
  imports?: readonly ExportReference[];
}
