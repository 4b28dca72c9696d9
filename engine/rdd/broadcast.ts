/**
 * A broadcast variable: a value that tasks read without its travelling with every function that uses it.
 *
 * It is encoded when `sc.broadcast` is called, into one file; functions carry a handle to it, and each executor decodes
 * it when one of its tasks first asks for `value`. The decoded copy is shared by the executor's tasks: it is theirs to
 * read only.
 */
import { inspect } from 'node:util';
import { callSiteFromStack } from '../closure/call-site.ts';
import type { CapturedValue, ShippedHandle } from '../closure/closure.ts';
import { StagelightError } from '../errors.ts';
import type { CallSite } from '../protocol.ts';
import { HANDLE, peek } from './accumulator.ts';
import type { BroadcastHandle } from './broadcast-file.ts';
import { notShippable } from './not-shippable.ts';

/** What a broadcast has outside of the driver's memory. */
export interface BroadcastFile {
  handle: BroadcastHandle;
  content: Omit<CapturedValue, 'bytes'>;
  /** Frees decoded copies. */
  unpersist(): void;
  /** Frees decoded copies and the file; more than once is once. */
  destroy(): void;
}

export class Broadcast<T> {
  /** The number of this broadcast in its application. */
  readonly id: number;
  readonly #file: BroadcastFile;
  #state: { kind: 'alive'; value: T } | { kind: 'destroyed'; at: CallSite | undefined };

  /** Whether a value is one; asks nothing of the value. */
  static is(value: object): value is Broadcast<unknown> {
    return #state in value;
  }

  constructor(value: T, file: BroadcastFile) {
    this.id = file.handle.id;
    this.#file = file;
    this.#state = { kind: 'alive', value };
  }

  /** The value: in tasks a decoded copy that must not be changed, in the driver the value itself. */
  get value(): T {
    return this.#alive('value').value;
  }

  /** Frees the copies in executors; a task that asks for the value again decodes it again. */
  unpersist(): void {
    this.#alive('unpersist');
    this.#file.unpersist();
  }

  /** Frees the copies and the file. Using it afterwards is an error. */
  destroy(): void {
    this.#alive('destroy');
    this.#state = { kind: 'destroyed', at: callSiteFromStack() };
    this.#file.destroy();
  }

  #alive(use: string): { value: T } {
    if (this.#state.kind === 'alive') return this.#state;
    throw new StagelightError('BROADCAST_DESTROYED', `${use}: ${this.#destroyed()}`, {
      hint: 'Broadcast the value again with sc.broadcast(value).',
      position: callSiteFromStack(),
    });
  }

  #destroyed(): string {
    const at = this.#state.kind === 'destroyed' ? this.#state.at : undefined;
    const where = at ? ` at ${at.cellId === undefined ? at.file : `cell ${at.cellId}`}:${at.line}` : '';
    return `${this.#file.handle.title} was destroyed${where}`;
  }

  get [notShippable](): string | undefined {
    return this.#state.kind === 'alive' ? undefined : `a destroyed broadcast (${this.#destroyed()})`;
  }

  get [HANDLE](): ShippedHandle {
    const { handle, content } = this.#file;
    return { type: 'broadcast', data: handle, fingerprint: content.fingerprint, imports: content.imports };
  }

  /** For views: undefined once it is destroyed. */
  [peek](): { value: T } | undefined {
    return this.#state.kind === 'alive' ? this.#state : undefined;
  }

  toString(): string {
    return this.#state.kind === 'alive' ? this.#file.handle.title : this.#destroyed();
  }

  [inspect.custom](_depth: number, options: object): string {
    if (this.#state.kind === 'destroyed') return this.#destroyed();
    return `${this.#file.handle.title} of ${inspect(this.#state.value, options)}`;
  }
}
