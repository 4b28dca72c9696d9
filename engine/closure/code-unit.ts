/** One function or class of a source as a unit of code that can be compiled alone, and what it takes from outside. */
import type { Node } from 'oxc-parser';
import type { FunctionScope } from './scopes.ts';
import { IMPORT_META } from './scopes.ts';
import type { SourceText } from './source-text.ts';

export interface UnitCapture {
  name: string;
  /** Offset of its first use. */
  at: number;
  /** Not declared in this source: looked up in the notebook's scope when captured, else a global. */
  late?: boolean;
  eager?: boolean;
  onlyTypeof?: boolean;
  assignedAt?: number;
  import?: { specifier: string; name: string };
}

export interface CodeUnit {
  source: SourceText;
  kind: 'function' | 'method' | 'class';
  start: number;
  end: number;
  name?: string;
  /** For methods with a computed key: where the brackets are. The key was computed when the object was made. */
  computedKey?: { start: number; end: number };
  isAsync: boolean;
  isGenerator: boolean;
  captures: UnitCapture[];
  outer?: { word: string; at: number };
  /** First use of its own `this`: an operator calls functions without one. */
  ownThis?: number;
  indeterminate: { root: string; use: string }[];
  importsLater: boolean;
  /** For classes: methods that use `this`, and where. */
  members?: { key: string; at: number }[];
}

export interface UnitOptions {
  /** In a notebook a name nobody declares may be defined by another cell; in a module it is a global. */
  lateNames: boolean;
}

export function codeUnit(
  source: SourceText,
  fn: FunctionScope,
  range: Node,
  kind: CodeUnit['kind'],
  name: string | undefined,
  { lateNames }: UnitOptions,
): CodeUnit {
  const node = fn.node;
  const callable =
    node.type === 'ArrowFunctionExpression' ||
    node.type === 'FunctionExpression' ||
    node.type === 'FunctionDeclaration';
  const captures: UnitCapture[] = [];
  for (const free of fn.free.values()) {
    if (!free.binding && !lateNames && free.name !== IMPORT_META) continue;
    captures.push({
      name: free.name,
      at: free.at,
      late: free.binding ? undefined : true,
      eager: free.eager || undefined,
      onlyTypeof: free.onlyTypeof || undefined,
      assignedAt: free.assignedAt,
      import: free.binding?.from,
    });
  }
  return {
    source,
    kind,
    start: range.start,
    end: range.end,
    name,
    isAsync: callable && node.async,
    isGenerator: callable && node.type !== 'ArrowFunctionExpression' && node.generator,
    captures,
    outer: fn.outer,
    ownThis: fn.ownThis,
    indeterminate: fn.indeterminate,
    importsLater: fn.importsLater,
  };
}

/** What a method with a computed key is called in its unit; no longer than the shortest of them, `[x]`. */
export const COMPUTED_KEY = 'key';

/** The unit's own text, which must compile outside a module. */
export function unitText(unit: CodeUnit): string {
  const { text } = unit.source;
  if (!unit.computedKey) return outsideModules(text.slice(unit.start, unit.end));
  const { start, end } = unit.computedKey;
  // As long as what it replaces, on as many lines: what follows keeps its position.
  const blank = text.slice(start + COMPUTED_KEY.length, end).replace(/[^\n\r\u2028\u2029]/g, ' ');
  return outsideModules(text.slice(unit.start, start) + COMPUTED_KEY + blank + text.slice(end, unit.end));
}

function outsideModules(text: string): string {
  return text.replace(/\bimport\.meta\b/g, IMPORT_META);
}
