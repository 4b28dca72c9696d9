/** An accumulator as a task sees it: it may be added to, and not read. */
import { loadValue } from '../closure/load-closure.ts';
import { StagelightError } from '../errors.ts';
import type { AccumulatorHandle } from '../rdd/accumulation.ts';
import { noNewValue, notAddable, overflow } from '../rdd/accumulator-errors.ts';
import type { AddedInTask, AddedSum } from './added-in-task.ts';
import { currentTask } from './task-scope.ts';

/** Where code that runs now adds; undefined when what it adds counts for nothing. */
function adding(title: string): AddedInTask | undefined {
  const added = currentTask()?.added;
  if (added?.state === 'open') return added;
  if (added?.state === 'dropped') return undefined;
  throw new StagelightError(
    'ACCUMULATOR_OUTSIDE_TASK',
    added
      ? `${title}: add was called after its task, or the cached partition it was called for, had ended`
      : `${title}: add was called outside of any task`,
    { hint: 'Await what adds, so that the task does not end before; add in the function of an operator.' },
  );
}

abstract class TaskAccumulator {
  protected readonly handle: AccumulatorHandle;

  constructor(handle: AccumulatorHandle) {
    this.handle = handle;
  }

  get id(): number {
    return this.handle.id;
  }

  #refuse(what: string): never {
    throw new StagelightError('ACCUMULATOR_VALUE', `${this.handle.title}: ${what} is for the driver only`, {
      hint: 'A task sees nothing of what others add. Read it in the cell, after the action.',
    });
  }

  get value(): never {
    return this.#refuse('value');
  }
  get sum(): never {
    return this.#refuse('sum');
  }
  get count(): never {
    return this.#refuse('count');
  }
  get avg(): never {
    return this.#refuse('avg');
  }
  reset(): never {
    return this.#refuse('reset');
  }
}

class TaskSum extends TaskAccumulator {
  /** Of the pass that added last. */
  #pass: AddedInTask | undefined;
  #sum: AddedSum = { sum: 0, count: 0 };

  add(value: number): void {
    const { kind, title, id } = this.handle;
    const isLong = kind === 'long';
    if (isLong ? !Number.isSafeInteger(value) : typeof value !== 'number')
      throw notAddable(isLong ? 'long' : 'double', title, value);
    const pass = adding(title);
    if (!pass) return;
    if (pass !== this.#pass) {
      this.#pass = pass;
      this.#sum = pass.sum(id);
    }
    const total = this.#sum.sum + value;
    if (isLong && !Number.isSafeInteger(total)) throw overflow(title);
    this.#sum.sum = total;
    this.#sum.count++;
  }
}

class TaskCollection extends TaskAccumulator {
  add(value: unknown): void {
    const added = adding(this.handle.title)?.value(this.handle, () => []);
    if (added) (added.value as unknown[]).push(value);
  }
}

class TaskCustom extends TaskAccumulator {
  readonly #fn: (value: unknown, added: unknown) => unknown;
  readonly #zero: unknown;

  constructor(handle: AccumulatorHandle, fn: (value: unknown, added: unknown) => unknown) {
    super(handle);
    this.#fn = fn;
    this.#zero = this.#freshZero();
  }

  #freshZero(): unknown {
    return loadValue(this.handle.zero!);
  }

  add(value: unknown): void {
    const { title } = this.handle;
    const added = adding(title)?.value(this.handle, () => this.#freshZero());
    if (!added) return;
    const next = this.#fn(added.value, value);
    const isPromise = typeof (next as { then?: unknown } | undefined | null)?.then === 'function';
    if (isPromise || (next === undefined && this.#zero !== undefined)) throw noNewValue(title, 'add', next);
    added.value = next;
  }
}

export function taskAccumulator(handle: AccumulatorHandle, values: readonly unknown[]): TaskAccumulator {
  switch (handle.kind) {
    case 'long':
    case 'double':
      return new TaskSum(handle);
    case 'collection':
      return new TaskCollection(handle);
    case 'custom':
      return new TaskCustom(handle, values[0] as (value: unknown, added: unknown) => unknown);
    default:
      return handle.kind satisfies never;
  }
}
