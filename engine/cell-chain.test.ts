import { expect, test } from 'vitest';
import { type CellNames, chainCells, identifiersIn, TYPE, VALUE } from './cell-chain.ts';

function names(
  text: string,
  declared: Record<string, number> = {},
  more: Partial<CellNames> = {},
): CellNames {
  return {
    declared: new Map(Object.entries(declared)),
    local: new Set(),
    exported: new Set(),
    used: identifiersIn(text),
    assigned: new Set(),
    ...more,
  };
}

function tails(...cells: (CellNames & { everything?: boolean })[]): string[] {
  const chain = cells.map((each, i) => ({
    specifier: `./c${i + 1}`,
    names: each,
    everything: each.everything ?? false,
  }));
  return chainCells(chain).map(({ text }) => text.trim().replace(/^;export \{\};\n?/, ''));
}

test('a cell imports what it uses of earlier cells and exports what it declares', () => {
  expect(tails(names('a', { a: VALUE }), names('b = a', { b: VALUE }), names('a + b + c'))).toEqual([
    'export { a };',
    "import { a } from './c1';\nexport { b };",
    "import { a } from './c1';\nimport { b } from './c2';",
  ]);
});

test('the last definition before a cell counts; later ones are unseen', () => {
  const cells = tails(names('x', { x: VALUE }), names('x'), names('x', { x: VALUE }), names('x'));
  expect(cells).toEqual([
    'export { x };',
    "import { x } from './c1';",
    'export { x };',
    "import { x } from './c3';",
  ]);
});

test('a type and a value of one name, from two cells, reach later cells together', () => {
  const cells = tails(names('Row', { Row: TYPE }), names('Row', { Row: VALUE }), names('Row'));
  expect(cells).toEqual([
    'export { Row };',
    "import { Row } from './c1';\nexport { Row };",
    "import { Row } from './c2';",
  ]);
});

test('a class declared anew replaces both of its meanings', () => {
  const both = VALUE | TYPE;
  expect(tails(names('A', { A: both }), names('A', { A: VALUE }), names('A'))[1]).toBe('export { A };');
});

test('what the user exports is not exported twice, and `using` stays in its cell', () => {
  const cells = tails(
    names('a u', { a: VALUE, u: VALUE }, { exported: new Set(['a']), local: new Set(['u']) }),
    names('a u'),
  );
  expect(cells).toEqual(['', "import { a } from './c1';"]);
});

test('an assigned name becomes a variable of the same type', () => {
  const cells = tails(names('a', { a: VALUE }), names('a = 1', {}, { assigned: new Set(['a']) }), names('a'));
  expect(cells[1]).toBe("import { a as $$a } from './c1';\ndeclare let a: typeof $$a;");
  expect(cells[2]).toBe("import { a } from './c1';");
});

test('the cell being edited imports everything, for its completion', () => {
  const cells = tails(names('a', { a: VALUE }), { ...names(''), everything: true });
  expect(cells[1]).toBe("import { a } from './c1';");
});

test('identifiers are found in any script, with $ and _', () => {
  expect([...identifiersIn('größe + $x_1("w2") + 数')]).toEqual(['größe', '$x_1', 'w2', '数']);
});
