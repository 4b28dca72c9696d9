/** Errors with a stable code, a position and a next step; and their passage between processes as data. */
import type { ErrorData, ErrorFrame, SourcePosition } from './protocol.ts';

export interface StagelightErrorOptions {
  hint?: string;
  position?: SourcePosition;
  frames?: ErrorFrame[];
  task?: ErrorData['task'];
  element?: string;
  cause?: unknown;
}

/** A failure the user can understand and act on. `code` is stable; tests and views match on it, never on text. */
export class StagelightError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly position: SourcePosition | undefined;
  readonly frames: ErrorFrame[] | undefined;
  readonly task: ErrorData['task'];
  readonly element: string | undefined;

  constructor(code: string, message: string, options: StagelightErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StagelightError';
    this.code = code;
    this.hint = options.hint;
    this.position = options.position;
    this.frames = options.frames;
    this.task = options.task;
    this.element = options.element;
  }
}

/** Where a call begins. */
export function placeOf({ file, cellId, line, column }: SourcePosition): SourcePosition {
  return cellId === undefined ? { file, line, column } : { file, cellId, line, column };
}

/** The error itself or, where it names no place, one that names `site`. */
export function positioned(error: unknown, site: SourcePosition | undefined): unknown {
  if (!(error instanceof StagelightError) || error.position !== undefined || site === undefined) return error;
  const { code, message, hint, frames, task, element, cause } = error;
  return new StagelightError(code, message, { hint, position: placeOf(site), frames, task, element, cause });
}

const MAX_TEXT = 10_000;
const MAX_CAUSES = 5;

function bounded(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
}

function textOf(thrown: unknown): string {
  try {
    if (typeof thrown === 'string') return thrown;
    if (typeof thrown === 'bigint') return `${thrown}n`;
    // Bigints, which JSON has not, would hide all the others.
    const text = JSON.stringify(thrown, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
    return text ?? String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}

/** The name an error gives itself or, where its class only inherits that of another, the name of the class. */
function nameOf(error: Error): string {
  const name = String(error.name || 'Error');
  const prototype = Object.getPrototypeOf(error) as Error | null;
  if (Object.hasOwn(error, 'name') || prototype === null || Object.hasOwn(prototype, 'name')) return name;
  const { name: ofClass } = prototype.constructor;
  return typeof ofClass === 'string' && ofClass !== '' ? ofClass : name;
}

/** Turns anything thrown into data. Total: never throws, whatever getters or proxies the value hides. */
export function errorToData(thrown: unknown, depth = 0): ErrorData {
  try {
    if (!(thrown instanceof Error) && !isErrorLike(thrown)) {
      return { code: 'USER', name: 'Error', message: bounded(`thrown value: ${textOf(thrown)}`) };
    }
    const error = thrown as Error & Partial<StagelightError>;
    const data: ErrorData = {
      code: error instanceof StagelightError ? error.code : 'USER',
      name: nameOf(error),
      message: bounded(String(error.message)),
    };
    // The stack of an error of our own shows the engine; the user's places are its position and frames.
    if (typeof error.stack === 'string' && !(error instanceof StagelightError))
      data.stack = bounded(error.stack);
    if (error instanceof StagelightError) {
      if (error.hint) data.hint = error.hint;
      if (error.position) data.position = error.position;
      if (error.frames) data.frames = error.frames;
      if (error.task) data.task = error.task;
      if (error.element) data.element = error.element;
    }
    try {
      if (error.cause !== undefined && depth < MAX_CAUSES) data.cause = errorToData(error.cause, depth + 1);
    } catch {
      // Its cause cannot be read; what it says itself can.
    }
    return data;
  } catch {
    return { code: 'USER', name: 'Error', message: 'an error that cannot be read was thrown' };
  }
}

/** `instanceof` for whatever user code threw: a proxy may throw when asked. */
export function isInstance<T>(value: unknown, type: new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** An error of another realm (a vm context, a worker) is no `instanceof Error` here but has its shape. */
function isErrorLike(value: unknown): value is Error {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Error).message === 'string' &&
    'stack' in value
  );
}

/** The error a waiting caller gets for data that came from another process. */
export function errorFromData(data: ErrorData): StagelightError {
  const error = new StagelightError(data.code, data.message, {
    hint: data.hint,
    position: data.position,
    frames: data.frames,
    task: data.task,
    element: data.element,
    cause: data.cause ? errorFromData(data.cause) : undefined,
  });
  error.name = data.name;
  if (data.stack) error.stack = data.stack;
  return error;
}
