/** The rooms and who may import whom; a failure prints the offending path and the reason. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';
import { PAGE_SOURCES } from './launch.mjs';

const root = resolve(import.meta.dirname, '..');
const ROOMS = ['app', 'components', 'engine', 'server', 'cli', 'bench', 'e2e'];

/** Each engine room may import itself and what stands left of it. */
const ENGINE_ORDER = [
  [
    'protocol',
    'files-protocol',
    'fault-protocol',
    'notebook-protocol',
    'output-protocol',
    'scheduling-protocol',
    'viewer-protocol',
    'plot-protocol',
    'cell-chain',
    'errors',
    'clock',
  ],
  ['fold'],
  ['storage'],
  ['shuffle'],
  ['closure'],
  ['rdd'],
  ['sql', 'scheduler'],
  ['streaming', 'ml', 'executor'],
  ['connectors'],
  ['spark'],
  ['context'],
  ['kernel'],
  ['index'],
];

/** Packages with one door. */
const DOORS: { name: RegExp; places: RegExp; because: string }[] = [
  {
    name: /^d3(-|$)/,
    places: /^components\/(stage-dag|timeline|plots)\//,
    because: 'd3 draws graphs, timelines and plots only',
  },
  {
    name: /^@observablehq\/plot$/,
    places: /^components\/plots\//,
    because: 'Plot draws the plots of cells only',
  },
  { name: /^monaco-editor/, places: /^components\/notebook\//, because: 'monaco belongs to the cell editor' },
  { name: /^socket\.io$/, places: /^server\/gateway/, because: 'the gateway is the socket server' },
  {
    name: /^socket\.io-client$/,
    places: /^(components\/session\/|server\/.*\.test|bench\/|e2e\/fixtures)/,
    because: 'the session is the socket client, beside tests and measurements',
  },
  {
    name: /^(react|react-dom|next)(\/|$)/,
    places: /^(app|components)\/|^server\.ts$|^next\.config\.ts$/,
    because: 'React and Next are the page, and server.ts',
  },
  { name: /^@duckdb\//, places: /^engine\/sql\//, because: 'DuckDB belongs to engine/sql' },
];

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

interface Import {
  from: string;
  specifier: string;
  /** Relative to the root, for imports of our own files. */
  target?: string;
  typeOnly: boolean;
}

function importsOf(path: string): Import[] {
  const from = relative(root, path);
  const { module } = parseSync(path, readFileSync(path, 'utf8'));
  const specifiers = [
    ...module.staticImports.map((i) => ({
      specifier: i.moduleRequest.value,
      typeOnly: i.entries.length > 0 && i.entries.every((entry) => entry.isType),
    })),
    ...module.staticExports.flatMap((e) =>
      e.entries.flatMap((entry) =>
        entry.moduleRequest ? [{ specifier: entry.moduleRequest.value, typeOnly: entry.isType }] : [],
      ),
    ),
  ];
  return specifiers.map(({ specifier, typeOnly }) => ({
    from,
    specifier,
    typeOnly,
    ...(specifier.startsWith('.') ? { target: relative(root, resolve(dirname(path), specifier)) } : {}),
  }));
}

function engineRank(path: string): number {
  const room = path.split('/')[1]!.replace(/(\.test)?\.ts$/, '');
  return ENGINE_ORDER.findIndex((rooms) => rooms.includes(room));
}

/** The reason an import is forbidden, or undefined. */
function forbidden({ from, target, specifier, typeOnly }: Import): string | undefined {
  const isTest =
    /(\.test\.tsx?|\/simulated-[^/]+\.ts)$/.test(from) ||
    from === 'engine/testing.ts' ||
    from.startsWith('engine/testing/');
  const room = from.split('/')[0]!;
  const door = DOORS.find(({ name, places }) => name.test(specifier) && !places.test(from));
  if (door) return door.because;
  if (target === undefined || isTest) return undefined;
  const targetRoom = target.split('/')[0]!;
  if (room === 'app' && !['app', 'components'].includes(targetRoom)) return 'pages compose components only';
  if (
    room === 'components' &&
    targetRoom !== 'components' &&
    !/^engine\/((fault-|files-|notebook-|viewer-|plot-)?protocol\.ts|cell-chain\.ts|fold\/)/.test(target)
  ) {
    return 'components know the engine by its protocol, its chain of cells and its fold only';
  }
  if (room === 'engine') {
    if (targetRoom !== 'engine') return 'the engine is a library of its own';
    if (from === 'engine/globals.d.ts') return undefined;
    // The plan is data that every room may name in types.
    if (typeOnly && /^engine\/rdd\/(plan|operator)\.ts$/.test(target)) return undefined;
    if (engineRank(target) > engineRank(from)) {
      return `engine rooms are ordered: ${ENGINE_ORDER.map((rooms) => rooms.join(', ')).join(' → ')}`;
    }
  }
  return undefined;
}

/** Node modules reached from the two rooms that the browser shares with the engine. */
function nodeImports(imports: Import[]): string[] {
  return imports
    .filter(
      ({ from, specifier }) =>
        /^engine\/((fault-|files-|notebook-|viewer-|plot-)?protocol\.ts|cell-chain\.ts|fold\/(?!.*\.test))/.test(
          from,
        ) && specifier.startsWith('node:'),
    )
    .map(({ from, specifier }) => `${from} imports ${specifier}: the browser runs this file`);
}

test('every import follows the order of the rooms', () => {
  const all = ROOMS.flatMap((room) => sources(join(root, room))).flatMap(importsOf);
  const complaints = all.flatMap((entry) => {
    const because = forbidden(entry);
    return because ? [`${entry.from} imports ${entry.target ?? entry.specifier}: ${because}`] : [];
  });
  expect(all.length).toBeGreaterThan(50);
  expect([...complaints, ...nodeImports(all)]).toEqual([]);
});

test('every room of the engine has a place in the order', () => {
  const unknown = sources(join(root, 'engine'))
    .map((path) => relative(root, path))
    .filter((path) => !/engine\/(testing|globals)/.test(path) && engineRank(path) < 0);
  expect(unknown).toEqual([]);
});

test('the page is built again when any file changes that it is made of', () => {
  const isBuilt = (path: string) =>
    PAGE_SOURCES.some((place) => path === place || path.startsWith(`${place}/`));
  const missing = new Set<string>();
  const seen = new Set<string>();
  const open = ['app', 'components'].flatMap((room) => sources(join(root, room)));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path) || /\.test\.tsx?$|\/simulated-[^/]+\.ts$/.test(path)) continue;
    seen.add(path);
    if (!isBuilt(relative(root, path))) missing.add(relative(root, path));
    for (const { target } of importsOf(path))
      if (target && /\.tsx?$/.test(target)) open.push(join(root, target));
  }
  expect([...missing]).toEqual([]);
});
