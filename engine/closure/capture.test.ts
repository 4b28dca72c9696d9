import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { StagelightError } from '../errors.ts';
import { captureClosure } from './capture.ts';
import type { AnyFunction, CellScope } from './closure.ts';
import { compileCell } from './compile-cell.ts';

/** What ship(fn) in a cell is refused with. */
async function refusal(source: string, more: CellScope = {}): Promise<StagelightError> {
  const scope: CellScope = { ship: (fn: AnyFunction) => captureClosure(fn, 'map'), ...more };
  const cell = compileCell(source, {
    cellId: 'a1',
    file: '/tmp/notebook.ts',
    scopeNames: Object.keys(scope),
  });
  const error = await cell
    .run(scope, () => {})
    .then(
      () => expect.fail('it was shipped'),
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(StagelightError);
  return error as StagelightError;
}

const rdd = { [Symbol.for('stagelight.notShippable')]: 'an RDD' };

describe('a closure is refused before the job', () => {
  test.each<[string, string, string, string, number, number]>([
    ['an RDD', 'ship((x) => rdd)', 'CLOSURE_CAPTURE', '"rdd" is an RDD', 1, 13],
    [
      'an RDD inside a value',
      'const q = { deep: [rdd] };\nship((x) => q.deep)',
      'CLOSURE_CAPTURE',
      '"q.deep[0]" is an RDD',
      2,
      13,
    ],
    [
      'an RDD behind a function',
      'const f = () =>\n  rdd; ship((x) => f())',
      'CLOSURE_CAPTURE',
      '"rdd", used in f, is an RDD',
      2,
      3,
    ],
    ['a server', 'ship(() => server)', 'CLOSURE_CAPTURE', '"server" is an instance of Server', 1, 12],
    ['a Promise', 'const p = Promise.resolve(); ship(() => p)', 'CLOSURE_CAPTURE', '"p" is a Promise', 1, 41],
    [
      'a WeakMap',
      'const w = new WeakMap(); ship(() => w)',
      'CLOSURE_CAPTURE',
      '"w" is an instance of WeakMap',
      1,
      37,
    ],
    [
      'a class instance',
      'class P {}; const p = new P(); ship(() => p)',
      'CLOSURE_CAPTURE',
      '"p" is an instance of P',
      1,
      43,
    ],
    ['a local symbol', 'const s = Symbol(); ship(() => s)', 'CLOSURE_CAPTURE', '"s" is a symbol', 1, 32],
    ['this from outside', 'ship(() => this)', 'CLOSURE_THIS', '"this" belongs to something outside', 1, 12],
    [
      'this of a class around',
      'new (class { n = 1; go() { ship((x) => this.n + x) } })().go()',
      'CLOSURE_THIS',
      '"this" belongs',
      1,
      40,
    ],
    ['its own this', 'ship(function () { return this.x })', 'CLOSURE_THIS', 'it uses "this"', 1, 27],
    [
      'a static method with this',
      'class P { static a() { return this } }; ship(P.a)',
      'CLOSURE_THIS',
      'P.a uses "this"',
      1,
      31,
    ],
    [
      'arguments from outside',
      '(function () { ship(() => arguments[0]) })(1)',
      'CLOSURE_THIS',
      '"arguments" belongs',
      1,
      27,
    ],
    [
      'super from outside',
      'class A { v() {} } class B extends A { v() { ship(() => super.v()) } }; new B().v()',
      'CLOSURE_THIS',
      '"super" belongs',
      1,
      57,
    ],
    [
      'new.target from outside',
      'new (function () { ship(() => new.target) })()',
      'CLOSURE_THIS',
      '"new.target" belongs',
      1,
      31,
    ],
    [
      'a private name from outside',
      'class P { #x = 1; go() { ship((p) => p.#x) } }; new P().go()',
      'CLOSURE_THIS',
      '"#x" belongs',
      1,
      40,
    ],
    ['an assigned capture', 'let n = 0; ship((x) => { n += x })', 'CLOSURE_ASSIGN', 'it assigns "n"', 1, 26],
    [
      'a capture assigned deep inside',
      'let n = 0; ship((x) => [x].map((y) => n++))',
      'CLOSURE_ASSIGN',
      'it assigns "n"',
      1,
      39,
    ],
    [
      'a capture assigned by pattern',
      'let n = 0; ship((x) => { [n] = x })',
      'CLOSURE_ASSIGN',
      'it assigns "n"',
      1,
      27,
    ],
    [
      'a capture assigned by a helper',
      'let n = 0; const bump = () => n++; ship((x) => bump())',
      'CLOSURE_ASSIGN',
      'it assigns "n", in bump,',
      1,
      31,
    ],
    [
      'a bound function',
      'ship(Math.max.bind(null, 1))',
      'CLOSURE_NATIVE',
      '"bound max" is a bound function',
      0,
      0,
    ],
    [
      'a function made in a package',
      'ship((x) => made(x))',
      'CLOSURE_NATIVE',
      '"made" was created inside a package',
      1,
      13,
    ],
    ['an unknown name', 'ship((x) => nowhere + x)', 'CLOSURE_CAPTURE', '"nowhere" is not defined', 1, 13],
    [
      'a variable without a value yet',
      'ship(() => late); const late = 1',
      'CLOSURE_CAPTURE',
      '"late" has no value yet',
      1,
      12,
    ],
    [
      'a local variable without a value yet',
      '(() => { ship(() => late); const late = 1 })()',
      'CLOSURE_CAPTURE',
      '"late" has no value yet',
      1,
      21,
    ],
  ])('%s', async (_, source, code, message, line, column) => {
    const made = new Function('x', 'return x');
    const error = await refusal(source, { rdd, server: createServer(), made });
    expect(error.code).toBe(code);
    expect(error.message).toContain('given to map');
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
    expect([error.position?.line ?? 0, error.position?.column ?? 0]).toEqual([line, column]);
    if (line > 0) expect(error.position?.cellId).toBe('a1');
  });

  test('with the call of the operator as position when the text has none', () => {
    const site = { file: 'cell:1', line: 3, column: 4, endLine: 3, endColumn: 9, name: 'map' };
    const made = new Function('x', 'return x') as AnyFunction;
    expect(() => captureClosure(made, 'map', site)).toThrow(expect.objectContaining({ position: site }));
  });
});
