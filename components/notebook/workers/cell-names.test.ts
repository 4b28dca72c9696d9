import { typescript } from 'monaco-editor/languages/features/typescript/lib/typescriptServices';
import { expect, test } from 'vitest';
import { TYPE, VALUE } from '../../../engine/cell-chain.ts';
import { cellNames } from './cell-names.ts';

function namesOf(text: string) {
  const source = typescript.createSourceFile('cell.ts', text, { languageVersion: 99 }, false);
  const { declared, local, exported } = cellNames(typescript, source, text);
  return {
    values: [...declared].filter(([, meaning]) => meaning & VALUE).map(([name]) => name),
    types: [...declared].filter(([, meaning]) => meaning & TYPE).map(([name]) => name),
    local: [...local],
    exported: [...exported],
  };
}

test('declarations of every kind', () => {
  expect(
    namesOf(`const { a, b: [c, ...d], ...e } = x, f = 1; let g; var h; function i() {} async function* j() {}
      class K {} enum L {} namespace M { export const hidden = 1 } interface N {} type O = 1; declare const p: number;
      import q, { r as s, type T } from 'q'; import * as u from 'u'; import type { V } from 'v'; abstract class W {}`),
  ).toEqual({
    values: ['a', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'K', 'L', 'M', 'p', 'q', 's', 'u', 'W'],
    types: ['K', 'L', 'M', 'N', 'O', 'q', 's', 'T', 'u', 'V', 'W'],
    local: [],
    exported: [],
  });
});

test('var comes out of blocks and loops, let and functions do not', () => {
  const text = `if (x) { var a = 1; let b; function c() {} } for (var d of []) for (let e of []) { try { var [f] = [] } catch {} }
    (() => { var g })(); { class H { static { var i } } }`;
  expect(namesOf(text).values).toEqual(['a', 'd', 'f']);
});

test('exports by the user, default exports and `using`', () => {
  expect(
    namesOf('export const a = 1; export function b() {} export { a as c }; export default function d() {}'),
  ).toEqual({
    values: ['a', 'b', 'd'],
    types: [],
    local: [],
    exported: ['a', 'b', 'c'],
  });
  expect(namesOf('using a = f(); await using b = g(); const c = 1').local).toEqual(['a', 'b']);
});

test('ambient modules and global augmentations declare no name of the cell', () => {
  expect(namesOf(`declare module 'x' { const a: 1 } declare global { const b: 1 }`).values).toEqual([]);
});
