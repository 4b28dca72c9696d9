/** The panel's rows and lineage lines, without a page. */
import { expect, test } from 'vitest';
import type { VariableView } from '../../engine/fold/state.ts';
import { cachedPartitionWords, cachedShape, cachedWords } from './cached-words.ts';
import { lineageLines } from './lineage-lines.ts';
import { matches, placeOfName, sortRows, variableRows } from './variable-rows.ts';

const variable = (name: string, more: Partial<VariableView> = {}): VariableView => ({
  name,
  kind: 'value',
  type: 'number',
  preview: '1',
  expandable: false,
  definedIn: 'a',
  changedBy: { cellId: 'a', runId: 'r' },
  ...more,
});
const view = (...list: VariableView[]) => ({
  byName: new Map(list.map((each) => [each.name, each])),
  rdds: new Map(),
  total: list.length,
  version: 1,
});

test('a row knows the cells that define and use its name', () => {
  const cells = new Map([
    ['a', { references: [] }],
    ['b', { references: ['x', 'y'] }],
    ['c', { references: ['x'] }],
  ]);
  const rows = variableRows(
    view(variable('x'), variable('y', { definedIn: 'gone' })),
    ['a', 'b', 'c'],
    cells,
  );
  expect(rows).toMatchObject([
    { definedAt: 0, usedAt: [1, 2] },
    { definedAt: -1, usedAt: [1] },
  ]);
});

test('rows are sorted by a column, gone ones last', () => {
  const list = view(
    variable('v10', { size: { bytes: 5, atLeast: false } }),
    variable('v2', { size: { bytes: 9, atLeast: true } }),
    variable('old', { gone: true, size: { bytes: 99, atLeast: false } }),
  );
  const order = (sort: Parameters<typeof sortRows>[1]) =>
    sortRows(variableRows(list, [], new Map()), sort).map((row) => row.variable.name);
  expect(order({ column: 'name', descending: false })).toEqual(['v2', 'v10', 'old']);
  expect(order({ column: 'size', descending: true })).toEqual(['v2', 'v10', 'old']);
});

test('a filter looks into name, type and value', () => {
  const [row] = variableRows(view(variable('words', { type: 'string[] (3)' })), [], new Map());
  expect(matches(row!, 'WOR str')).toBe(true);
  expect(matches(row!, 'words number')).toBe(false);
  expect(matches(row!, '')).toBe(true);
});

test('a name is found where it is declared', () => {
  expect(placeOfName('use(x);\nconst x = 1;', 'x')).toEqual({ line: 2, column: 7 });
  expect(placeOfName('const { $a } = o;', '$a')).toEqual({ line: 1, column: 9 });
  expect(placeOfName('const ab = 1', 'a')).toBeUndefined();
});

test('a lineage steps in at shuffles and branches, and says a shared dataset once', () => {
  const rdd = (rddId: number, ...parents: [number, boolean?][]) => ({
    rddId,
    name: `r${rddId}`,
    storageLevel: 'NONE',
    parents: parents.map(([id, shuffle = false]) => ({ rddId: id, shuffle })),
  });
  const rdds = new Map(
    [rdd(0), rdd(1, [0]), rdd(2, [1, true]), rdd(3, [1]), rdd(4, [2], [3])].map((each) => [each.rddId, each]),
  );
  const { lines } = lineageLines(rdds, 4);
  expect(lines.map((line) => [line.rdd.rddId, line.depth, line.shuffle, line.repeated])).toEqual([
    [4, 0, false, false],
    [2, 1, false, false],
    [1, 2, true, false],
    [0, 2, false, false],
    [3, 1, false, false],
    [1, 1, false, true],
  ]);
});

test('cached partitions say where they and their copies are', () => {
  const alone = { executorId: '0', bytes: 40, onDisk: false };
  const copied = {
    executorId: '1',
    bytes: 48,
    onDisk: true,
    replicas: [
      { ...alone, bytes: 30 },
      { ...alone, executorId: '2' },
    ],
  };
  expect(cachedWords(new Map([[0, alone]]), 1)).toBe('1 of 1 partition cached, 40 B');
  expect(cachedWords(new Map([[0, alone]]), undefined)).toBe('1 partition cached, 40 B');
  expect(
    cachedWords(
      new Map([
        [0, alone],
        [3, copied],
      ]),
      4,
    ),
  ).toBe('2 of 4 partitions cached, 158 B (1 on disk, 2 copies in other executors)');
  expect([undefined, alone, copied].map(cachedShape)).toEqual(['none', 'memory', 'disk']);
  expect(cachedPartitionWords(2, undefined)).toBe('partition 2: not cached');
  expect(cachedPartitionWords(0, alone)).toBe('partition 0: 40 B in executor 0');
  expect(cachedPartitionWords(3, copied)).toBe(
    'partition 3: 48 B in executor 1, on disk; copied to executors 0, 2',
  );
});
