import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { demoOrder } from './demo-order.ts';
import { headingOf } from './notebook-heading.ts';
import { demoFolder } from './places.ts';

const heading = (...lines: string[]) => headingOf(lines.join('\n'), 'folder/sales.ts');

test('a notebook is listed by its heading and the first sentences below it', () => {
  expect(
    heading('// %% [markdown]', '// # Sales', '//', '// Where we sold `most`,', '// and [why](x.md).'),
  ).toEqual({
    title: 'Sales',
    description: 'Where we sold most, and why.',
  });
  expect(heading('// %% [markdown]', '// ## Sales', '// One.', '//', '// Two.')).toEqual({
    title: 'Sales',
    description: 'One.',
  });
  expect(
    heading('// # Sales', '// *Most* of it, **by far**, in 2 * 3 * 4 my_own_name _here_.').description,
  ).toBe('Most of it, by far, in 2 * 3 * 4 my_own_name here.');
  const long = 'a'.repeat(100);
  expect(heading('// # Sales', `// ${long}. ${long}? ${long}!`).description).toBe(`${long}.`);
  expect(heading('// # Sales', `// ${long} ${long}. B.`).description).toBe(`${long} ${long}.`);
});

test('what is no text below the heading is no description', () => {
  expect(heading('// # Sales', '//', '// %% id="a"', '1 + 1')).toEqual({ title: 'Sales' });
  expect(heading('// # Sales')).toEqual({ title: 'Sales' });
  expect(heading('// # Sales', '//', '// ## Norway')).toEqual({ title: 'Sales' });
  expect(heading('// %%', 'const a = 1;')).toEqual({ title: 'sales' });
});

test('every demo has its place in the order, a title and a description', () => {
  const files = readdirSync(demoFolder).filter((name) => name.endsWith('.ts'));
  const inOrder = files.map((name) => ({ path: `demos/${name}` })).sort(demoOrder);
  expect(inOrder.map(({ path }) => path.slice('demos/'.length))).toEqual([
    'word-count.ts',
    'inverted-index.ts',
    'flights.ts',
    'monte-carlo-pi.ts',
    'pagerank.ts',
    'skewed-keys.ts',
    'faults.ts',
    'lose-a-block.ts',
    'same-rows.ts',
  ]);
  for (const name of files) {
    const { title, description = '' } = headingOf(readFileSync(join(demoFolder, name), 'utf8'), name);
    expect(title).not.toBe(name.replace('.ts', ''));
    expect(description.length).toBeGreaterThan(60);
  }
});
