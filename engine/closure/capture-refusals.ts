/** Why a function cannot be shipped, said before the job starts: the variable, where it is used, what to do instead. */
import { StagelightError } from '../errors.ts';
import type { CallSite } from '../protocol.ts';
import type { AnyFunction } from './closure.ts';
import type { CodeUnit, UnitCapture } from './code-unit.ts';
import type { TrailStep } from './codec.ts';
import { errorAt } from './source-text.ts';
import { type MemberTag, tagOf } from './tag.ts';

interface Owner {
  unit: CodeUnit;
  names: string[];
}

/** Captured values start behind the unit, the names and the eager flags. */
const FIRST_CAPTURE = 3;

function quoted(word: string): string {
  return `"${word}"`;
}

function pathOf(steps: readonly TrailStep[]): string {
  return steps.map(({ step }) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
}

function hintFor(noun: string): string {
  if (/\b(RDD|DataFrame)\b/.test(noun)) {
    return 'Bring the rows together with join or cartesian, or collect() them first and capture the array.';
  }
  if (/\b(context|session)\b/i.test(noun))
    return 'Jobs are started by the notebook only; use plain values inside the function.';
  if (/display/.test(noun))
    return 'Collect or take the rows and display them in the cell; console.log works inside the function.';
  if (/destroyed/.test(noun)) return 'Broadcast the value again with sc.broadcast(value).';
  if (/Promise/.test(noun)) return 'Await it before, and capture the value.';
  if (/^a symbol|Weak/.test(noun))
    return 'Capture plain data instead: it must mean the same in another process.';
  if (/^an instance of/.test(noun)) {
    return 'Capture its plain fields instead, or create the object inside the function (once per partition with mapPartitions).';
  }
  return 'It exists in this process only. Create it inside the function, once per partition with mapPartitions.';
}

export class CaptureRefusals {
  readonly #operator: string;
  readonly #callSite: CallSite | undefined;
  readonly #root: 'function' | 'value';
  readonly #owners = new Map<object | symbol, Owner>();

  constructor(operator: string, callSite: CallSite | undefined, root: 'function' | 'value' = 'function') {
    this.#operator = operator;
    this.#callSite = callSite;
    this.#root = root;
  }

  remember(fn: AnyFunction, unit: CodeUnit, names: string[]): void {
    this.#owners.set(fn, { unit, names });
  }

  #what(unit?: CodeUnit): string {
    const name = unit?.name ? ` (${unit.name})` : '';
    return `The ${this.#root} given to ${this.#operator}${name} cannot be sent to the executors`;
  }

  #error(
    code: string,
    message: string,
    hint: string,
    at?: { unit: CodeUnit; offset: number },
  ): StagelightError {
    if (at) return errorAt(at.unit.source, at.offset, code, message, hint);
    return new StagelightError(code, message, { hint, position: this.#callSite });
  }

  /** The last function on the way to a refused value, the name it captures, and the way on from there. */
  #captured(
    trail: readonly TrailStep[],
  ): { unit: CodeUnit; name: string; path: string; capture?: UnitCapture } | undefined {
    for (let i = trail.length - 1; i >= 0; i--) {
      const { holder, step } = trail[i] as TrailStep;
      const owner = holder === undefined ? undefined : this.#owners.get(holder);
      const name = typeof step === 'number' ? owner?.names[step - FIRST_CAPTURE] : undefined;
      if (!owner || name === undefined) continue;
      const capture = owner.unit.captures.find((each) => each.name === name);
      return { unit: owner.unit, name, path: name + pathOf(trail.slice(i + 1)), capture };
    }
    return undefined;
  }

  value(noun: string, trail: readonly TrailStep[]): StagelightError {
    const captured = this.#captured(trail);
    if (!captured) {
      const path = this.#root === 'value' ? pathOf(trail.slice(1)) : '';
      const what = path === '' ? 'it' : quoted(`value${path}`);
      return this.#error('CLOSURE_CAPTURE', `${this.#what()}: ${what} is ${noun}.`, hintFor(noun));
    }
    const via = trail.length > 2 && captured.unit.name ? `, used in ${captured.unit.name},` : '';
    const offset = captured.capture?.at ?? captured.unit.start;
    return this.#error(
      'CLOSURE_CAPTURE',
      `${this.#what()}: ${quoted(captured.path)}${via} is ${noun}.`,
      hintFor(noun),
      {
        unit: captured.unit,
        offset,
      },
    );
  }

  untagged(fn: AnyFunction, trail: readonly TrailStep[]): StagelightError {
    const captured = this.#captured(trail);
    const at = captured && { unit: captured.unit, offset: captured.capture?.at ?? captured.unit.start };
    const called = captured ? quoted(captured.path) : fn.name ? quoted(fn.name) : 'it';
    if (fn.name.startsWith('bound ')) {
      return this.#error(
        'CLOSURE_NATIVE',
        `${this.#what()}: ${called} is a bound function.`,
        'Write (x) => object.method(x) instead of binding.',
        at,
      );
    }
    if (/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn))) {
      return this.#error(
        'CLOSURE_NATIVE',
        `${this.#what()}: ${called} is native code of this process.`,
        'Call it by its global or module name inside the function.',
        at,
      );
    }
    return this.#error(
      'CLOSURE_NATIVE',
      `${this.#what()}: ${called} was created inside a package, or by code Stagelight did not compile.`,
      `Write it in a cell, a job script or one of its own modules; or import ${called} inside the function's module by name.`,
      at,
    );
  }

  noValueYet(unit: CodeUnit, capture: UnitCapture): StagelightError {
    return this.#error(
      'CLOSURE_CAPTURE',
      `${this.#what()}: ${quoted(capture.name)} has no value yet.`,
      `Move the declaration of ${capture.name} above this call.`,
      {
        unit,
        offset: capture.at,
      },
    );
  }

  notDefined(unit: CodeUnit, capture: UnitCapture): StagelightError {
    return this.#error(
      'CLOSURE_CAPTURE',
      `${this.#what()}: ${quoted(capture.name)} is not defined.`,
      `Run the cell that defines ${capture.name} first.`,
      {
        unit,
        offset: capture.at,
      },
    );
  }

  /** What the text alone tells. */
  checkUnit(unit: CodeUnit, isRoot: boolean, trail: () => TrailStep[]): void {
    const via = !isRoot && unit.name ? `, in ${unit.name},` : '';
    if (unit.outer) {
      throw this.#error(
        'CLOSURE_THIS',
        `${this.#what(unit)}: ${quoted(unit.outer.word)}${via} belongs to something outside of it.`,
        unit.outer.word === 'this'
          ? 'Put the field you need in a const before, and use that.'
          : 'Pass what it needs as a parameter or a const.',
        { unit, offset: unit.outer.at },
      );
    }
    if (isRoot && unit.kind !== 'class' && unit.ownThis !== undefined) {
      throw this.#error(
        'CLOSURE_THIS',
        `${this.#what(unit)}: it uses "this", and is called without one.`,
        'Write (x) => object.method(x), so that the object travels too.',
        {
          unit,
          offset: unit.ownThis,
        },
      );
    }
    const assigned = unit.captures.find((each) => each.assignedAt !== undefined);
    if (assigned) {
      throw this.#error(
        'CLOSURE_ASSIGN',
        `${this.#what(unit)}: it assigns ${quoted(assigned.name)}${via} which is declared outside; the executors would change a copy.`,
        'Return the value and combine it with reduce or aggregate, or count with sc.longAccumulator().',
        { unit, offset: assigned.assignedAt as number },
      );
    }
    if (trail().length > 1_000)
      throw this.#error(
        'CLOSURE_CAPTURE',
        `${this.#what(unit)}: it captures too deep a chain of functions.`,
        'Capture plain data instead.',
      );
  }

  checkRootMember({ owner, key }: MemberTag): void {
    const tag = tagOf(owner);
    const unit = typeof tag === 'function' ? tag()[0] : (tag as CodeUnit | undefined);
    const at = unit?.members?.find((each) => each.key === key)?.at;
    if (unit && at !== undefined) {
      throw this.#error(
        'CLOSURE_THIS',
        `${this.#what()}: ${owner.name}.${key} uses "this", and is called without one.`,
        `Write (x) => ${owner.name}.${key}(x).`,
        { unit, offset: at },
      );
    }
  }
}
