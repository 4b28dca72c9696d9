import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorData } from '../protocol.ts';
import { captureClosure } from './capture.ts';
import type { AnyFunction, CapturedClosure, CellScope } from './closure.ts';
import { compileCell } from './compile-cell.ts';
import { decodeValue } from './decode-value.ts';
import { encodeValue } from './encode-value.ts';

const folder = mkdtempSync(join(tmpdir(), 'stagelight-ship-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MODULE = `import { extname } from 'node:path';
import { stop } from './stop.ts';
enum Kind { Word = 7 }
export const tokens = (line: string): string[] => line.split(' ').filter((word) => !stop.has(word));
export function extension(path: string) { return extname(path) + Kind.Word; }
export default class Tool { static twice(x: number) { return x * 2; } }
export const boom = () => {
  throw new Error('in module');
};
`;

/** Runs cells; every ship(fn, …args) in them captures fn at once. */
async function shipped(...cells: string[]): Promise<{ closure: CapturedClosure; args: unknown[] }[]> {
  const found: { closure: CapturedClosure; args: unknown[] }[] = [];
  const scope: CellScope = {
    ship: (fn: AnyFunction, ...args: unknown[]) =>
      void found.push({ closure: captureClosure(fn, 'map'), args }),
  };
  for (const [index, source] of cells.entries()) {
    const options = {
      cellId: String(index + 1),
      file: join(folder, 'notebook.ts'),
      scopeNames: Object.keys(scope),
    };
    await compileCell(source, options).run(scope, () => {});
  }
  return found;
}

const EXECUTOR = `
import { readFileSync, writeFileSync } from 'node:fs';
const room = ${JSON.stringify(new URL('./', import.meta.url).href)};
const { loadClosure } = await import(room + 'load-closure.ts');
const { decodeValue } = await import(room + 'decode-value.ts');
const { encodeValue } = await import(room + 'encode-value.ts');
const { withUserPosition } = await import(room + 'stack-frames.ts');
const [input, output] = process.argv.slice(1);
const results = [];
for (const { bytes, args } of decodeValue(readFileSync(input))) {
  try {
    let value = (await loadClosure(bytes))(...args);
    if (typeof value?.next === 'function') value = await Array.fromAsync(value);
    results.push({ value: await value });
  } catch (error) {
    results.push({ error: withUserPosition(error) });
  }
}
writeFileSync(output, encodeValue(results));
`;

/** Loads and calls the closures in a process that has seen none of the cells. */
function runInExecutor(
  closures: { closure: CapturedClosure; args: unknown[] }[],
): { value?: unknown; error?: ErrorData }[] {
  const input = join(folder, 'closures');
  const output = join(folder, 'results');
  writeFileSync(input, encodeValue(closures.map(({ closure, args }) => ({ bytes: closure.bytes, args }))));
  execFileSync(process.execPath, ['--input-type=module', '--eval', EXECUTOR, input, output], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: 'inherit',
  });
  return decodeValue(execFileSync('cat', [output])) as { value?: unknown; error?: ErrorData }[];
}

const MATRIX: [name: string, cell: string, value: unknown][] = [
  ['a constant function', 'ship(() => 1)', 1],
  ['a captured const', 'const k = 10; ship((x: number) => x + k, 1)', 11],
  [
    'captured functions that capture',
    'const k = 10; const add = (x) => x + k; const twice = (x) => add(add(x)); ship(twice, 1)',
    21,
  ],
  ['a default parameter', 'ship((a = (1 + 1)) => a)', 2],
  [
    'destructured parameters',
    'const k = 4; ship(({ a, b: [c = 3, ...d] }, { e = k, ...f } = {}) => [a, c, d, e, f], { a: 1, b: [] }, { z: 1 })',
    [1, 3, [], 4, { z: 1 }],
  ],
  ['rest parameters', 'ship((first, ...rest) => rest.length, 1, 2, 3)', 2],
  ['an async arrow', 'const k = 2; ship(async (x) => (await x) + k, 1)', 3],
  ['an async function', 'ship(async function (x) { return x }, 1)', 1],
  ['a generator', 'const k = 2; function* gen(x) { yield x; yield* [k, x] } ship(gen, 1)', [1, 2, 1]],
  ['an async generator', 'ship(async function* (x) { yield x; yield await 2 }, 1)', [1, 2]],
  ['named recursion', 'ship(function fact(n) { return n < 2 ? 1 : n * fact(n - 1) }, 5)', 120],
  [
    'recursion through a const',
    'const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); ship(fib, 10)',
    55,
  ],
  [
    'mutual recursion',
    'const even = (n) => (n === 0 ? true : odd(n - 1)), odd = (n) => (n === 0 ? false : even(n - 1)); ship(even, 7)',
    false,
  ],
  [
    'recursion of declarations in a function',
    'function make() { return even; function even(n) { return n === 0 || odd(n - 1) } function odd(n) { return n !== 0 && even(n - 1) } } ship(make(), 4)',
    true,
  ],
  ['a method shorthand', 'const o = { double(x) { return x * 2 } }; ship(o.double, 4)', 8],
  ['an async generator method', 'const o = { async *g(x) { yield x } }; ship(o.g, 4)', [4]],
  [
    'an object with methods',
    'const o = { k: 3, times(x) { return x * this.k }, nested: { f: (x) => x + 1 } }; ship((x) => o.times(o.nested.f(x)), 1)',
    6,
  ],
  [
    'a method with a numeric key',
    'const o = { 0x10(x) { return x + this[16].length } }; ship((x) => o[16](x), 1)',
    2,
  ],
  ['a method with a quoted key', "const o = { 'a b'(x) { return x + 1 } }; ship(o['a b'], 1)", 2],
  [
    'a method with a computed key',
    "const name = 'dou' + 'ble'; const o = { k: 2, [name](x) { return x * this.k } }; ship((x) => o.double(x), 4)",
    8,
  ],
  [
    'an async method whose key takes lines and functions to compute',
    'const o = {\n async [(() =>\n "a" + \n1)()](x: number) { return x + 1 } }; ship(o.a1, 4)',
    5,
  ],
  [
    'an iterable object',
    'const n = 3; const o = { *[Symbol.iterator]() { for (let i = 0; i < n; i++) yield i } }; ship(() => [...o])',
    [0, 1, 2],
  ],
  [
    'methods made in a loop, each with its own key and captures',
    "const all = ['a', 'b'].map((key, i) => ({ [key](x) { return x + i }, [key + 1]: 5 })); ship((x) => all[0].a(x) * all[1].b(x), 10)",
    110,
  ],
  [
    'a method inside a method, both with computed keys',
    "const o = { [Symbol.for('outer')]() { return { ['in'](x) { return x + 1 } } } }; ship((x) => o[Symbol.for('outer')]().in(x), 1)",
    2,
  ],
  [
    'the later of two methods with one key',
    "const k = 'm'; const o = { m() { return 1 }, [k]() { return 2 } }; ship(() => o.m())",
    2,
  ],
  [
    'a function that takes the place of a method with the same key',
    'const o = { m() { return 1 }, m: () => 2 }; ship(() => o.m())',
    2,
  ],
  [
    'the later of two declarations in a function',
    'function make() { return f; function f() { return 1 } function f() { return 2 } } ship(make())',
    2,
  ],
  ['a static method', 'class P { static of(x) { return [x] } } ship(P.of, 1)', [1]],
  [
    'a class with private fields and getters',
    'const k = 10; class P { #q = 1; constructor(private x: number) {} get v() { return this.x + this.#q + k } } ship((x) => new P(x).v, 1)',
    12,
  ],
  [
    'a class that extends another',
    'class A { v() { return 1 } } class B extends A { v() { return super.v() + 1 } } ship(() => new B().v())',
    2,
  ],
  [
    'a class used by its base',
    'class A { b() { return new B() } v() { return 1 } } class B extends A { v() { return 2 } } ship(() => new A().b().v())',
    2,
  ],
  [
    'static initialisers that call',
    'const table = (n) => n * 2; class T { static two = table(1); static { T.four = table(T.two) } } ship(() => T.four)',
    4,
  ],
  [
    'nested closures',
    'function outer(a) { return function inner(b) { return [1].map((c) => a + b + c)[0] } } ship(outer(5), 6)',
    12,
  ],
  ['shadowing', 'const x = 1, y = 2; ship((x) => { const y = 3; { const x = 10; return x + y } }, 5)', 13],
  [
    'a local that shares a top-level name',
    'const x = 1; function f() { const x = 2; return () => x } ship(f())',
    2,
  ],
  ['a loop variable', 'const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i); ship(fs[1])', 1],
  [
    'a function in a switch',
    'function f(x) { switch (x) { case 1: function g() { return x } return g } } ship(f(1))',
    1,
  ],
  ['a default export name', 'export default function named() { return 4 }\nship(named)', 4],
  ['a top-level await', 'const k = await Promise.resolve(3); ship(() => k)', 3],
  ['enums', 'enum E { A = 3, B } ship(() => E.B + E[3])', '4A'],
  [
    'namespaces',
    'namespace N { const k = 2; export const f = (x: number) => x * k } ship((x) => N.f(x), 2)',
    4,
  ],
  [
    'Map, Set, Date, bigint, RegExp, typed arrays',
    "const m = new Map([['a', new Set([1n])]]), re = /x/gi, d = new Date(7), t = new Float64Array([1, 2]), h = new Float16Array([1.5]); ship(() => [m, re.flags, d, t, h])",
    [new Map([['a', new Set([1n])]]), 'gi', new Date(7), new Float64Array([1, 2]), new Float16Array([1.5])],
  ],
  [
    'undefined, NaN and -0',
    'const u = undefined, n = NaN, z = -0; ship(() => [u, n, z])',
    [undefined, Number.NaN, -0],
  ],
  [
    'one object captured by two functions',
    'const o = { n: 0 }; const f = () => (o.n += 1); ship(() => { f(); return o.n })',
    1,
  ],
  ['natives', 'ship(Math.max, 1, 3)', 3],
  ['a captured native', 'const { max } = Math; ship((x) => max(x, 2), 1)', 2],
  ['a global constructor', "ship(Number, '4')", 4],
  ['an unknown name under typeof', 'ship(() => typeof nowhere)', 'undefined'],
  ['a data string', "const text = 'x => y'; ship(() => [text])", ['x => y']],
  [
    'node: modules',
    "import { basename } from 'node:path'; import * as path from 'node:path'\nship((x) => basename(x) + path.extname(x), '/a/b.c')",
    'b.c.c',
  ],
  ['an imported function itself', "import { basename } from 'node:path'\nship(basename, '/a/b')", 'b'],
  [
    'a relative module and what it imports',
    "import { tokens } from './text.ts'\nship(tokens, 'the cat')",
    ['cat'],
  ],
  [
    'a relative module with an enum and a package',
    "import { extension as ext } from './text.ts'\nship((x) => ext(x), 'a.b')",
    '.b7',
  ],
  [
    'a module with an enum where no package.json says "module"',
    "import { Color, at } from './plain/color.ts'\nship((x) => Color[x] + at(1).x, 1)",
    'Green1',
  ],
  ['a class of a relative module', "import Tool from './text.ts'\nship((x) => Tool.twice(x), 4)", 8],
  ['import.meta', 'ship(() => import.meta.filename.slice(-11))', 'notebook.ts'],
  ['a dynamic import', "ship(async () => (await import('node:path')).sep)", '/'],
  ['frozen captures', 'let k = 1; ship(() => k); k = 2', 1],
];

describe('a shipped closure computes the same in another process', () => {
  let results: { value?: unknown; error?: ErrorData }[] = [];
  beforeAll(async () => {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    mkdirSync(join(folder, 'plain'));
    writeFileSync(join(folder, 'plain/package.json'), '{}');
    writeFileSync(
      join(folder, 'plain/color.ts'),
      'export enum Color { Red, Green }\nclass At { constructor(public x: number) {} }\nexport const at = (x: number) => new At(x);',
    );
    writeFileSync(join(folder, 'plain/slip.ts'), 'export const a = 1;\nexport const b = );');
    writeFileSync(join(folder, 'stop.ts'), "export const stop: Set<string> = new Set(['the']);");
    writeFileSync(join(folder, 'text.ts'), MODULE);
    const closures = [];
    for (const [name, cell] of MATRIX) {
      const found = await shipped(cell);
      expect(found, name).toHaveLength(1);
      closures.push(...found);
    }
    results = runInExecutor(closures);
  });

  test.each(MATRIX.map(([name, , value], index) => [name, index, value] as const))(
    '%s',
    (_, index, value) => {
      expect(results[index]).toEqual({ value });
    },
  );
});

test('a slip in a relative module is told at its own place', async () => {
  await expect(shipped("import { b } from './plain/slip.ts'\nb")).rejects.toMatchObject({
    code: 'SYNTAX',
    position: { file: join(folder, 'plain/slip.ts'), line: 2, column: 18 },
  });
});

test('errors in the executor stand at the user’s own line and column', async () => {
  const results = runInExecutor(
    await shipped(
      "const check = (x: number) => {\n  if (x > 2) throw new RangeError('too big')\n}\nship((x) => check(x), 3); ship((x: any) => {\n    const y: null = null;\n    return y.foo }, 1)",
      "enum E { A }\nship((x: number) => {\n    throw new Error('enum ' + E.A + x) }, 1)",
      "import { boom } from './text.ts'\nship(() => boom())",
      'ship(function deep(n) { return deep(n + 1) + 1 }, 0)',
    ),
  );
  const places = results.map(
    ({ error }) =>
      error && [
        error.name,
        error.position?.file.split('/').at(-1),
        error.position?.line,
        error.position?.column,
      ],
  );
  expect(places).toEqual([
    ['RangeError', 'cell:1', 2, 20],
    ['TypeError', 'cell:1', 6, 14],
    ['Error', 'cell:2', 3, 11],
    ['Error', 'text.ts', 8, 9],
    ['RangeError', 'cell:4', 1, expect.any(Number)],
  ]);
  expect(
    results[0]?.error?.frames?.slice(0, 2).map((frame) => [frame.functionName, frame.line, frame.column]),
  ).toEqual([
    ['check', 2, 20],
    [undefined, 4, 13],
  ]);
});

test('ids are hashes of content: equal for equal code and captures, fingerprints blind to position', async () => {
  const source = 'const k = new Map([[1, { deep: [1, 2] }]]); ship((x) => k.get(x))';
  const [a, b, moved, other] = (
    await Promise.all(
      [source, source, `\n\n  ${source}`, source.replace('[1, 2]', '[1, 3]')].map((each) => shipped(each)),
    )
  ).map((found) => found[0]?.closure as CapturedClosure);
  expect(b?.id).toBe(a?.id);
  expect(moved?.id).not.toBe(a?.id);
  expect(moved?.fingerprint).toBe(a?.fingerprint);
  expect(other?.fingerprint).not.toBe(a?.fingerprint);
});

test('tells the planner what a function is', async () => {
  const cell = `ship(async (x) => x); ship(function* named() {}); ship((x) => x + Math.random());
    const stamp = () => Date.now(); ship((x) => [x, stamp()]); ship(() => new Date(5)); ship(Math.random);
    import { randomBytes } from 'node:crypto'; ship(() => randomBytes(2)); ship((x) => { const Math = { random: () => 1 }; return Math.random() })`;
  const facts = (await shipped(cell)).map(({ closure }) => [
    closure.isAsync,
    closure.isGenerator,
    closure.indeterminate,
  ]);
  expect(facts).toEqual([
    [true, false, undefined],
    [false, true, undefined],
    [false, false, 'Math.random'],
    [false, false, 'Date.now'],
    [false, false, undefined],
    [false, false, 'Math.random'],
    [false, false, 'node:crypto'],
    [false, false, undefined],
  ]);
});

test('tells what calls code of packages, which nobody looks into', async () => {
  mkdirSync(join(folder, 'node_modules/dice'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/dice/package.json'), '{"type":"module","main":"index.js"}');
  writeFileSync(join(folder, 'node_modules/dice/index.js'), 'export const roll = () => 4;');
  const cell = `import { roll } from 'dice'; import { join } from 'node:path'; const twice = () => 2 * roll();
    ship(() => twice()); ship((x) => join(x, 'a')); ship((x) => Math.max(...x));
    ship(async () => (await import('dice')).roll()); ship(() => [1].map(() => import('dice')));`;
  const facts = (await shipped(cell)).map(({ closure }) => closure.unexamined);
  expect(facts).toEqual([true, undefined, undefined, true, true]);
});

test('functions of a test file are tagged as those of a cell are', () => {
  const k = 3;
  const closure = captureClosure((x: number) => x + k, 'map');
  expect(closure.position?.file).toBe(fileURLToPath(import.meta.url));
});
