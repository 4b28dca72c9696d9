/**
 * Top-level loops keep the notebook variables they use in locals, written through on every assignment.
 *
 * A read of a scope property per iteration makes such a loop four times slower than the same loop in a function;
 * a store alone is off the critical path and leaves nothing to lose when the loop is interrupted. A variable that
 * some function of the notebook assigns may change behind the loop's back, and is read from the scope.
 */
import type { Node } from 'oxc-parser';
import { type Analysis, childrenOf, type Reference } from './scopes.ts';

const LOOPS = new Set([
  'ForStatement',
  'WhileStatement',
  'DoWhileStatement',
  'ForInStatement',
  'ForOfStatement',
]);

export function isLoop(node: Node): boolean {
  return node.type === 'LabeledStatement' ? isLoop(node.body) : LOOPS.has(node.type);
}

/** Top-level names that functions of a program assign. */
export function assignedInFunctions({ references, root }: Analysis): string[] {
  const names: string[] = [];
  for (const { name, binding, write, declares, fn } of references.values()) {
    if (write && !declares && fn !== root.fn && (!binding || binding.scope === root)) names.push(name);
  }
  return names;
}

/** Names to keep in locals during `loop`; none when it waits for something and other code may run meanwhile. */
export function loopLocals(
  loop: Node,
  { references, root }: Analysis,
  isKnown: (reference: Reference) => boolean,
): Set<string> {
  const names = new Set<string>();
  const excluded = new Set<string>();
  const visit = (node: Node): boolean => {
    if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) return false;
    const reference = references.get(node);
    if (reference && reference.fn === root.fn) {
      names.add(reference.name);
      if (!isKnown(reference) || !isPlainUse(node, reference)) excluded.add(reference.name);
    }
    return childrenOf(node).every(visit);
  };
  return visit(loop) ? names.difference(excluded) : new Set();
}

function isPlainUse(node: Node, { write, parent, binding }: Reference): boolean {
  if (!write) return true;
  if (binding?.kind === 'const' || binding?.kind === 'import') return false;
  if (parent.type === 'AssignmentExpression') return parent.left === node;
  return (
    parent.type === 'UpdateExpression' ||
    (parent.type === 'VariableDeclarator' && parent.id === node && parent.init !== null)
  );
}
