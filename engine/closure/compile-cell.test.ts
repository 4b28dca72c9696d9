import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { StagelightError } from '../errors.ts';
import type { CallSite } from '../protocol.ts';
import { callSiteFromStack } from './call-site.ts';
import type { CellScope } from './closure.ts';
import { CellInterrupted, compileCell } from './compile-cell.ts';
import { withUserPosition } from './stack-frames.ts';

const folder = mkdtempSync(join(tmpdir(), 'stagelight-cells-'));
afterAll(() => rmSync(folder, { recursive: true }));

class Notebook {
  readonly scope: CellScope = {};
  check: () => void = () => {};
  #count = 0;

  compile(source: string) {
    this.#count += 1;
    return compileCell(source, {
      cellId: String(this.#count),
      file: join(folder, 'notebook.ts'),
      scopeNames: Object.keys(this.scope),
    });
  }

  run(source: string): Promise<unknown> {
    return this.compile(source).run(this.scope, () => this.check());
  }
}

async function runAll(...cells: string[]): Promise<unknown> {
  const notebook = new Notebook();
  let value: unknown;
  for (const cell of cells) value = await notebook.run(cell);
  return value;
}

async function failure(...cells: string[]): Promise<Error> {
  return runAll(...cells).then(
    () => expect.fail('the cells ran'),
    (error: Error) => error,
  );
}

describe('compileCell', () => {
  test.each<[string, string[], unknown]>([
    ['shows the last expression', ['1 + 1'], 2],
    ['shows it in spite of a semicolon and a comment', ['const a = 2;\na * 2; // done'], 4],
    ['shows nothing after a declaration', ['const a = 2'], undefined],
    ['keeps names between cells', ['const a: number = 1', 'let b = a + 1', 'a + b'], 3],
    ['overwrites on redeclaration', ['const a = 1; const f = () => a', 'const a = 2', 'f()'], 2],
    [
      'calls a helper defined later',
      ['const f = (x: number) => helper(x)', 'function helper(x: number) { return x * 2 }', 'f(4)'],
      8,
    ],
    ['hoists functions', ['const r = f(1)\nfunction f(x) { return x + 1 }\nr'], 2],
    ['hoists var', ['if (true) { var v = 5 }\nv'], 5],
    [
      'destructures',
      ['const { a, b: [c = 3, ...d], ...rest } = { a: 1, b: [undefined, 2], e: 4 }', '[a, c, d, rest]'],
      [1, 3, [2], { e: 4 }],
    ],
    ['assigns by pattern', ['let a = 1, b = 2;\n[a, b] = [b, a]', '({ a, b })'], { a: 2, b: 1 }],
    [
      'defines by pattern without semicolons before',
      ['let a = 1\nconst [b] = [2]\nconst { c } = { c: 3 }\n;[a, b, c]'],
      [1, 2, 3],
    ],
    [
      'calls at the start of a line without semicolons before',
      ['const g = [() => 1]\nconst b = 2\ng[0]()\nconst f = () => b\nlet r = f\nr()\nr()'],
      2,
    ],
    [
      'keeps block variables local',
      ['for (let i = 0; i < 3; i++) { const inside = i }\n[typeof i, typeof inside]'],
      ['undefined', 'undefined'],
    ],
    ['counts with var in loops', ['for (var i = 0, n = 3; i < n; i++);\n[i, n]'], [3, 3]],
    [
      'loops over names',
      ['let last; for (last of [1, 2, 3]);\nfor (var key in { k: 1 });\n[last, key]'],
      [3, 'k'],
    ],
    [
      'updates names in loops',
      [
        'let s = 0, n = 0n; const seen: number[] = []; while (s < 3) { seen[s++] = s; n++; ++n }\n[s, n, seen]',
      ],
      [3, 6n, [1, 2, 3]],
    ],
    [
      'continues labelled loops',
      [
        'let s = 0\nouter: for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) { if (j > i) continue outer; s += 1 }\ns',
      ],
      6,
    ],
    [
      'declares classes',
      ['class A { static n = 2; m() { return A.n } }\nclass B extends A {}', 'new B().m()'],
      2,
    ],
    ['knows enums', ['enum Color { Red, Green = 5 }', '[Color.Green, Color[5], Color.Red]'], [5, 'Green', 0]],
    [
      'knows namespaces and parameter properties',
      [
        'namespace N { export const a = 1 }\nclass P { constructor(public x: number) {} }',
        '[N.a, new P(2).x]',
      ],
      [1, 2],
    ],
    [
      'names functions',
      [
        'const f = () => {}; const C = class {}; let g; g = function () {}',
        '[f.name, C.name, g.name, (() => {}).name]',
      ],
      ['f', 'C', 'g', ''],
    ],
    [
      'awaits at the top',
      [
        'const a = await Promise.resolve(3)',
        'let s = 0; for await (const x of [1, Promise.resolve(2)]) s += x\ns + a',
      ],
      6,
    ],
    [
      'imports',
      [
        "import { basename as b, type ParsedPath } from 'node:path'; import * as path from 'node:path'\nimport type { X } from './nowhere.ts'",
        "[b('/a/c'), path.sep]",
      ],
      ['c', '/'],
    ],
    ['imports dynamically', ["const { sep } = await import('node:path'); sep"], '/'],
    [
      'resolves a path from its own file',
      ["import.meta.resolve('./data.csv') === new URL('data.csv', import.meta.url).href"],
      true,
    ],
    ['exports', ['export const a = 1; export default a + 1'], 2],
    ['asks for the type of unknown names', ['typeof nowhere'], 'undefined'],
    ['calls without a receiver', ['function f() { return this }', 'f()'], undefined],
    [
      'reads globals, which a cell may shadow',
      ['[typeof fetch, Math.max(1, 2)]', 'const fetch = 5', 'fetch'],
      5,
    ],
    [
      'shows functions and classes as they are',
      [
        'const f = () => 1; class C {} function g() {}',
        "(await import('node:util')).inspect([f, C, g, { m() {} }])",
      ],
      '[ [Function: f], [class C], [Function: g], { m: [Function: m] } ]',
    ],
    ['uses template tags', ['const tag = (s: TemplateStringsArray) => s[0]', 'tag`x`'], 'x'],
    [
      'keeps getters and methods of literals',
      ['const o = { get v() { return 1 }, m() { return this.v } }', 'o.m()'],
      1,
    ],
    [
      'keeps loop closures apart',
      ['const fs: (() => number)[] = []; for (let i = 0; i < 2; i++) fs.push(() => i)', 'fs.map((f) => f())'],
      [0, 1],
    ],
    [
      'sees what functions of other cells do to the names of a loop',
      [
        'let s = 0, seen = 0; function bump() { s += 1; seen = total }\nlet total = 0',
        'for (let i = 0; i < 3; i++) { total += i; bump(); total += s }\n;[s, total, seen]',
      ],
      [3, 9, 6],
    ],
    [
      'keeps what functions made in a loop see',
      [
        'let s = 0; const fs = []; for (s = 0; s < 2; s++) { const t = s; fs.push(() => [s, t]) }\ns = 9',
        'fs.map((f) => f())',
      ],
      [
        [9, 0],
        [9, 1],
      ],
    ],
    [
      'updates values of any kind',
      [
        'let a = "1", b = 1n, c = []; for (let i = 0; i < 2; i++) { c[i] = [a++, b--, ++a]; c.at(-1).k ??= i }',
        '[a, b, c.map((x) => [...x])]',
      ],
      [
        5,
        -1n,
        [
          [1, 1n, 3],
          [3, 0n, 5],
        ],
      ],
    ],
    ['starts with a line for the shell', ['#!/usr/bin/env stagelight\n7'], 7],
    ['ends in a comment', ['7 // seven'], 7],
  ])('%s', async (_, cells, value) => {
    expect(await runAll(...cells)).toEqual(value);
  });

  test.each<[string, string[], string, string]>([
    ['use before const', ['x; const x = 1'], 'ReferenceError', "Cannot access 'x' before initialization"],
    [
      'its own initialiser',
      ['const x = 1', 'const x = x + 1'],
      'ReferenceError',
      "Cannot access 'x' before initialization",
    ],
    ['assignment to const', ['const x = 1; x = 2'], 'TypeError', 'Assignment to constant variable.'],
    ['assignment to an unknown name', ['nowhere = 1'], 'ReferenceError', 'nowhere is not defined'],
    ['reading an unknown name', ['nowhere + 1'], 'ReferenceError', 'nowhere is not defined'],
    [
      'a call too early',
      ['f(); const x = 1; function f() { return x }'],
      'ReferenceError',
      'x is not defined',
    ],
  ])('refuses %s', async (_, cells, name, message) => {
    const error = await failure(...cells);
    expect([error.name, error.message]).toEqual([name, message]);
  });

  test('what was assigned before an error stays', async () => {
    const notebook = new Notebook();
    await notebook
      .run('let n = 0; const kept = 1; for (let i = 0; i < 5; i++) { n += 1; if (i === 3) null.x }')
      .catch(() => {});
    expect(notebook.scope).toMatchObject({ n: 4, kept: 1 });
  });

  test('an interrupted run stops at its next await and keeps its variables', async () => {
    const notebook = new Notebook();
    let checks = 0;
    notebook.check = () => {
      checks += 1;
      if (checks === 3) throw new CellInterrupted();
    };
    await expect(notebook.run('let n = 0; while (true) { n += 1; await 0 }')).rejects.toBeInstanceOf(
      CellInterrupted,
    );
    expect(notebook.scope['n']).toBe(3);
    await expect(notebook.run('for await (const x of [1]) n += x')).resolves.toBeUndefined();
  });

  test('tells definitions and references', () => {
    const cell = new Notebook().compile(
      "import { a } from 'node:path'\nconst b = c + Math.PI, { d } = a; function f(x) { return x + g }",
    );
    expect(cell.definitions).toEqual(['a', 'b', 'd', 'f']);
    expect(cell.references).toEqual(['c', 'g']);
    expect(cell.imports).toEqual(['node:path']);
  });

  test.each<[string, number, number, RegExp]>([
    ['const a = 1\nlet x = ;', 2, 9, /Unexpected token/],
    ['const x: number = (1', 1, 21, /Expected `\)`/],
    ['enum A { B }\nreturn 1', 2, 1, /return/],
    ['const x = 1;\nconst x = 2;', 2, 7, /`x` has already been declared/],
    ['class A {}\n  class A {}', 2, 9, /`A` has already been declared/],
    ["import { join } from 'node:path';\nconst join = 1;", 2, 7, /`join` has already been declared/],
    ["import x from 'a';\nimport { x } from 'b';", 2, 10, /`x` has already been declared/],
    ['let x: number = 1;\n{ var x = 2 }', 2, 7, /`x` has already been declared/],
    ['var f = 1;\nfunction f() {}', 2, 10, /`f` has already been declared/],
    ['function f() {}\nasync function f() {}', 2, 16, /`f` has already been declared/],
    ['const { a, b: [a] } = { a: 1, b: [2] }', 1, 16, /`a` has already been declared/],
    ['enum A { B }\nconst x = A.B; let x = 1', 2, 20, /`x` has already been declared/],
  ])('positions of syntax errors: %j', (source, line, column, message) => {
    let error: unknown;
    try {
      new Notebook().compile(source);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(StagelightError);
    const { code, position, message: text, hint } = error as StagelightError;
    expect([code, position?.file, position?.line, position?.column]).toEqual([
      'SYNTAX',
      'cell:1',
      line,
      column,
    ]);
    expect(text).toMatch(message);
    expect(hint).toBeTruthy();
  });

  test.each<[string, unknown]>([
    ['var x = 1; var x = 2; x', 2],
    ['interface x { a: 1 } type y = 1; const x = 3, y = x; y', 3],
    [
      'function f(a: string): void; function f(a: number): void; function f(a: unknown) { return a } f(4 as never)',
      4,
    ],
    ['enum E { A = 6 } enum E { B = 7 } E.A', 6],
    ['class C { static a = 7 } namespace C { export const b = 1 } C.a', 7],
    ['const x = 8; { const x = 9 } try { throw 1 } catch (x) { var e } x', 8],
  ])('what may be declared again may be: %j', async (source, value) => {
    const notebook = new Notebook();
    expect(await notebook.run(source)).toEqual(value);
    expect(await notebook.run(source)).toEqual(value);
  });

  test.each<[string, number, number]>([
    ["const f = (x: number) => {\n  throw new Error('boom')\n}\nf(1)", 2, 9],
    ['let a = 1; a += 1; const o = { m() { return a.b.c } }; o.m()', 1, 49],
    ['enum E { A }\nconst e: E = E.A;\nfunction g() {\n    throw new Error(String(e)) }\ng()', 4, 11],
    ['const q = await 1; (() => { undefinedFunction(q) })()', 1, 29],
  ])('errors stand where the user wrote them: %j', async (source, line, column) => {
    const data = withUserPosition(await failure(source));
    expect([data.position?.file, data.position?.line, data.position?.column]).toEqual([
      'cell:1',
      line,
      column,
    ]);
    expect(data.stack).not.toContain('$$$');
  });

  test('operators learn the range of their own call', async () => {
    const notebook = new Notebook();
    const sites: CallSite[] = [];
    // Compiled apart: a function of this file would itself be user code.
    const chain = new Function(
      'site',
      'sites',
      'return function chain() { sites.push(site()); return { map: chain, collect: chain }; }',
    )(callSiteFromStack, sites);
    notebook.scope['sc'] = { textFile: chain };
    await notebook.run(
      'const r: any = sc.textFile("x")\n  .map((x: string) => x,\n    1)\n  .collect()\nconst g = () => r.map();\ng()',
    );
    expect(
      sites.map((site) => [site.file, site.name, site.line, site.column, site.endLine, site.endColumn]),
    ).toEqual([
      ['cell:1', 'textFile', 1, 19, 1, 32],
      ['cell:1', 'map', 2, 4, 3, 7],
      ['cell:1', 'collect', 4, 4, 4, 13],
      ['cell:1', 'map', 5, 19, 5, 24],
    ]);
  });

  test('a module or export that is missing is named, at its import', async () => {
    const missing = (await failure("const a = 1\nimport { x } from 'no-such-package'\nx")) as StagelightError;
    expect([missing.code, missing.message, missing.position?.line]).toEqual([
      'IMPORT_FAILED',
      'Cannot find "no-such-package".',
      2,
    ]);
    expect(missing.hint).toContain('npm install no-such-package');
    const resolved = (await failure("import.meta.resolve('@no/such/file.csv')")) as StagelightError;
    expect([resolved.code, resolved.message]).toEqual(['IMPORT_FAILED', 'Cannot find "@no/such/file.csv".']);
    expect(resolved.hint).toContain('npm install @no/such');
    const name = (await failure("import { nope } from 'node:path'; nope()")) as StagelightError;
    expect(name.message).toBe('"node:path" has no export named nope.');
  });

  test('an edited relative module is loaded anew, also behind another', async () => {
    const notebook = new Notebook();
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'inner.ts'), 'export const value: number = 1');
    writeFileSync(
      join(folder, 'outer.ts'),
      "import { value } from './inner.ts'\nexport const read = () => value",
    );
    expect(await notebook.run("import { read } from './outer.ts'\nread()")).toBe(1);
    writeFileSync(join(folder, 'inner.ts'), 'export const value: number = 22');
    expect(await notebook.run("import { read } from './outer.ts'\nread()")).toBe(22);
  });
});
