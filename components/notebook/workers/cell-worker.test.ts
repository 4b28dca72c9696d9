/** The type service over real notebooks, with the engine's real declarations, as the page runs it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { pageTypes } from '../../../scripts/page-types.mjs';
import { cellUri } from '../editor/cell-uri.ts';
import { COMPILER_OPTIONS } from '../editor/compiler-options.ts';
import { CHAIN_FILE } from '../editor/type-protocol.ts';
import { type BaseTypes, makeBaseTypes, NO_BASE_TYPES } from './base-types.ts';
import { CellWorker } from './cell-worker.ts';

/** What the server gives now. */
let base: BaseTypes;
let shared: Notebook | undefined;

function open(...cells: string[]): Notebook {
  shared ??= new Notebook();
  shared.open(...cells);
  return shared;
}

beforeAll(() => {
  base = makeBaseTypes(pageTypes());
});

/** A notebook whose cells c1, c2, … can be changed, as the page's models are. */
class Notebook {
  readonly models = new Map<string, { uri: string; version: number; getValue(): string }>();
  readonly worker: CellWorker;
  order: string[] = [];
  #versions = 0;
  missing: string[] = [];
  active: string | undefined;

  constructor() {
    this.worker = new CellWorker(
      { getMirrorModels: () => [...this.models.values()] },
      { compilerOptions: COMPILER_OPTIONS, extraLibs: {} },
      () => base,
    );
  }

  /** Other cells in the same service, which need not read its libraries again. */
  open(...cells: string[]): void {
    this.models.clear();
    this.order = cells.map((_text, i) => `c${i + 1}`);
    this.missing = [];
    this.active = undefined;
    for (const [i, text] of cells.entries()) this.write(i + 1, text);
    this.plan();
  }

  #set(uri: string, text: string): void {
    const version = ++this.#versions;
    this.models.set(uri, { uri, version, getValue: () => text });
  }

  write(n: number, text: string): void {
    this.#set(cellUri(`c${n}`), text);
  }

  plan(): void {
    const { order, missing, active } = this;
    this.#set(CHAIN_FILE, JSON.stringify({ order, missing, active }));
  }

  text(n: number): string {
    return this.models.get(cellUri(`c${n}`))!.getValue();
  }

  /** Messages of the cells, each with the marked text; only cells with any. */
  async errors(): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const cellId of await this.worker.outdatedCells()) {
      const text = this.models.get(cellUri(cellId))!.getValue();
      const markers = await this.worker.checkCell(cellId);
      if (markers.length > 0)
        found[cellId] = markers.map((each) => `${text.slice(each.start, each.end)}: ${each.message}`);
    }
    return found;
  }

  async hover(n: number, at: string, skip = 0): Promise<string> {
    const info = await this.worker.getQuickInfoAtPosition(cellUri(`c${n}`), this.text(n).indexOf(at) + skip);
    const docs = (info as { documentation?: { text: string }[] } | undefined)?.documentation ?? [];
    return [...(info?.displayParts ?? []), { text: '\n' }, ...docs].map(({ text }) => text).join('');
  }

  async completions(n: number, behind: string): Promise<string[]> {
    const worker = this.worker as unknown as {
      getCompletionsAtPosition(
        file: string,
        at: number,
      ): Promise<{ entries: { name: string }[] } | undefined>;
    };
    const at = this.text(n).indexOf(behind) + behind.length;
    const found = await worker.getCompletionsAtPosition(cellUri(`c${n}`), at);
    return (found?.entries ?? []).map(({ name }) => name);
  }
}

const WORDS = [
  `const words = sc.parallelize(['a b', 'b']).flatMap((line) => line.split(' '));`,
  `const counts = words.map((word): [string, number] => [word, 1]).reduceByKey((a, b) => a + b);`,
];

describe('types across cells', () => {
  test('a later cell knows the types of an earlier one, in hover and completion', async () => {
    const notebook = open(...WORDS, `counts.m\nawait counts.collect()`);
    notebook.active = 'c3';
    notebook.plan();
    expect((await notebook.hover(3, 'counts')).trim()).toBe('const counts: RDD<[string, number]>');
    expect(await notebook.completions(3, 'counts.m')).toEqual(expect.arrayContaining(['map', 'mapValues']));
    expect(await notebook.completions(3, 'co')).toEqual(expect.arrayContaining(['words', 'counts', 'sc']));
  });

  test('a name of a later cell is neither offered nor accepted', async () => {
    const notebook = open('later; ', 'const later = 1;');
    expect(await notebook.errors()).toEqual({ c1: ["later: Cannot find name 'later'."] });
    expect(await notebook.completions(1, 'later; ')).not.toContain('later');
  });

  test('names may be declared again, awaited at the top level, and assigned from a later cell', async () => {
    const notebook = open(
      `let total = 1; const row = { a: 1 }; type Row = typeof row;`,
      `const row = await Promise.resolve('text'); total = 2; total += 1; total++;`,
      `row.toUpperCase(); for await (const x of [1]) total += x; const r: Row = { a: 2 }; r`,
    );
    expect(await notebook.errors()).toEqual({});
    notebook.write(3, `total = 'no'`);
    expect(await notebook.errors()).toEqual({
      c3: ["total: Type 'string' is not assignable to type 'number'."],
    });
  });

  test('what the cell compiler accepts has no false errors', async () => {
    const notebook = open(
      `import { readFileSync } from 'node:fs'; import path, { join as j } from 'node:path'; import * as os from 'node:os';
       import type { Stats } from 'node:fs'; export const exported = 1; export function f(x) { return x }
       export { exported as renamed }; export default 5; enum Color { Red } namespace N { export const inner = 1 }
       declare const ambient: number; interface Shape { side: number } abstract class A<T> { constructor(private x: T) {} }
       declare global { interface Array<T> { stagelight?: T } } using res = { [Symbol.dispose]() {} };`,
      `readFileSync('x'); path.join(j('a'), os.tmpdir()); exported + f(1); Color.Red; N.inner; const s: Shape = { side: 1 };
       class B extends A<number> {} let stats: Stats | undefined; [1].stagelight; s; B; stats`,
      `if (true) { var hoisted = 1 } label: for (;;) break label; try { JSON.parse('') } catch (e) { e.message }
       import.meta.dirname; console.log(process.argv, Buffer.from('a'), new URL('a:b'), fetch, setTimeout, structuredClone(1));
       const any = JSON.parse('{}'); any.x.y; const { a, ...rest } = any; [a, rest]; sleep(1); args.length; TaskContext.get();
       display(1); display.html('<b>')`,
      `hoisted; import dead from 'no-types-but-there'; dead.anything(); import { x } from './helper.js'; x; await import('./other.ts')`,
      `const f = 1; const Color = 'red'; /* unclosed below? no */ // a comment at the end`,
    );
    expect(await notebook.errors()).toEqual({});
  });

  test('an import that would fail is an error, one that is only untyped is none', async () => {
    const notebook = open(`import a from 'gone'; import b from './untyped.js'; a; b`);
    notebook.missing = ['gone'];
    notebook.plan();
    expect(await notebook.errors()).toEqual({
      c1: ["'gone': Cannot find module 'gone' or its corresponding type declarations."],
    });
  });

  test('a syntax error is told at its own place, also when something stays open', async () => {
    const notebook = open('const a = [1, 2', 'a', 'const b = {\n  c: `');
    expect(await notebook.errors()).toMatchObject({
      c1: [": ']' expected."],
      c3: [': Unterminated template literal.'],
    });
  });
});

describe('what must be checked again', () => {
  const checked = async (notebook: Notebook) => {
    await notebook.errors();
    return notebook;
  };

  test('cells that use what changed, and no others', async () => {
    const notebook = await checked(open('let a = 1', 'let b = a', 'let c = 1', 'b', 'c'));
    expect(await notebook.worker.outdatedCells()).toEqual([]);
    notebook.write(1, 'let a = "text"');
    expect(await notebook.worker.outdatedCells()).toEqual(['c1', 'c2', 'c4']);
    await checked(notebook);
    notebook.active = 'c5';
    notebook.plan();
    expect(await notebook.worker.outdatedCells()).toEqual([]);
  });

  test('a service that started while the server was gone knows the engine when it is back', async () => {
    const served = base;
    base = NO_BASE_TYPES;
    const notebook = new Notebook();
    notebook.open('const rows: string = sc.range(0, 3);');
    expect(await notebook.errors()).toEqual({});
    base = served;
    expect((await notebook.errors())['c1']?.[0]).toMatch(/^rows: Type 'RDD<number>' is not assignable/);
  });

  test('a move and a delete', async () => {
    const notebook = await checked(open('const a = 1', 'a + 1', 'const b = 1'));
    notebook.order = ['c2', 'c1', 'c3'];
    notebook.plan();
    expect(await notebook.errors()).toEqual({ c2: ["a: Cannot find name 'a'."] });
    notebook.order = ['c3', 'c1', 'c2'];
    notebook.plan();
    expect(await notebook.errors()).toEqual({});
    notebook.order = ['c3', 'c2'];
    notebook.plan();
    expect(await notebook.errors()).toEqual({ c2: ["a: Cannot find name 'a'."] });
  });
});

describe('what is behind the text stays hidden', () => {
  test('references, renaming and formatting touch the users’ text alone', async () => {
    const notebook = open('let count  =  1', 'count+count', 'count ;');
    const references = await notebook.worker.getReferencesAtPosition(cellUri('c1'), 4);
    expect(references?.map(({ fileName, textSpan }) => `${fileName.at(-4)} ${textSpan.start}`)).toEqual([
      '1 4',
      '2 0',
      '2 6',
      '3 0',
    ]);
    const renamed = await notebook.worker.findRenameLocations(cellUri('c2'), 0, false, false, false);
    expect(renamed).toHaveLength(4);
    const edits = await notebook.worker.getFormattingEditsForDocument(cellUri('c1'), {
      insertSpaceBeforeAndAfterBinaryOperators: true,
    });
    expect(edits.map(({ span, newText }) => [span.start, span.length, newText])).toEqual([
      [9, 2, ' '],
      [12, 2, ' '],
    ]);
  });
});

test('every operator and every name of a cell has a sentence to show', async () => {
  const start = await open('const rdd = sc.range(3); const pairs = rdd.map((n) => [n, n] as const);');
  start.active = 'c1';
  const members = async (of: string) => {
    const notebook = await open(`const rdd = sc.range(3); ${of}.`);
    const found = await notebook.completions(1, `${of}.`);
    const plain = new Set<string>([
      'constructor',
      'caller',
      'arguments',
      ...Object.getOwnPropertyNames(function named() {}),
    ]);
    return found.filter((name) => !plain.has(name)).map((name) => `${of}.${name}`);
  };
  const all = [
    ...(await members('sc')),
    ...(await members('rdd')),
    ...(await members('display')),
    'sc',
    'display',
    'sleep',
    'args',
  ];
  const text = `const rdd = sc.range(3);\n${all.map((each) => `${each};`).join('\n')}`;
  const notebook = await open(text);
  const undocumented: string[] = [];
  for (const each of all) {
    const shown = await notebook.hover(1, `\n${each};`, each.lastIndexOf('.') + 2);
    if (!/\n\s*\S.*\w/.test(shown.trim())) undocumented.push(each);
  }
  expect(all.length).toBeGreaterThan(80);
  expect(undocumented).toEqual([]);
});
