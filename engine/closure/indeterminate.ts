/** Which uses of globals make recomputation give other rows: clocks, chance, the network, the process. */
import { isBuiltin } from 'node:module';
import type { Node } from 'oxc-parser';

const ANY_MEMBER = new Set(['crypto', 'process', 'performance']);

/** The use as the user would name it (`Math.random`), or undefined when this use of global `name` is harmless. */
export function indeterminateUse(name: string, node: Node, parent: Node): string | undefined {
  const member =
    parent.type === 'MemberExpression' && parent.object === node && parent.property.type === 'Identifier'
      ? parent.property.name
      : undefined;
  switch (name) {
    case 'fetch':
      return 'fetch';
    case 'Math':
      return member === 'random' ? 'Math.random' : undefined;
    case 'Date':
      if (member === 'now') return 'Date.now';
      if (parent.type === 'NewExpression' && parent.callee === node) {
        return parent.arguments.length === 0 ? 'new Date()' : undefined;
      }
      return parent.type === 'CallExpression' && parent.callee === node ? 'Date()' : undefined;
    default:
      return ANY_MEMBER.has(name) ? (member ? `${name}.${member}` : name) : undefined;
  }
}

const BY_VALUE = new Set(['Math.random', 'Date.now', 'performance.now', 'fetch']);
const MODULES = new Set([
  'crypto',
  'fs',
  'fs/promises',
  'os',
  'child_process',
  'http',
  'https',
  'net',
  'perf_hooks',
  'process',
]);

/** The same question for a global captured by name. */
export function isIndeterminateGlobal(path: string): boolean {
  return BY_VALUE.has(path) || /^(crypto|process)\b/.test(path);
}

/** Whether nothing is known of what is imported: a package may use chance somewhere within. */
export function isUnexamined(specifier: string): boolean {
  return !isBuiltin(specifier);
}

/** The same question for something imported. */
export function isIndeterminateModule(specifier: string): boolean {
  return MODULES.has(specifier.replace(/^node:/, ''));
}
