/**
 * Top-level loops without calls keep the notebook variables they use in locals, written through on every assignment.
 *
 * A read of a scope property per iteration makes such a loop four times slower than the same loop in a function;
 * a store alone is off the critical path and leaves nothing to lose when the loop is interrupted.
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
/** What could run code that reads or writes the scope behind the loop's back, or leave it half-way. */
const OBSERVERS = new Set([
  'NewExpression',
  'AwaitExpression',
  'YieldExpression',
  'TaggedTemplateExpression',
  'ImportExpression',
  'ArrowFunctionExpression',
  'FunctionExpression',
  'FunctionDeclaration',
  'ClassExpression',
  'ClassDeclaration',
]);

export function isLoop(node: Node): boolean {
  return node.type === 'LabeledStatement' ? isLoop(node.body) : LOOPS.has(node.type);
}

function isMathCall(node: Node, analysis: Analysis): boolean {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false;
  const object = node.callee.object;
  return (
    object.type === 'Identifier' &&
    object.name === 'Math' &&
    analysis.references.get(object)?.binding === null
  );
}

/** Names to keep in locals during `loop`; empty when something in it could observe them. */
export function loopLocals(
  loop: Node,
  analysis: Analysis,
  isKnown: (reference: Reference) => boolean,
): Set<string> {
  const names = new Set<string>();
  const excluded = new Set<string>();
  const visit = (node: Node): boolean => {
    if (OBSERVERS.has(node.type)) return false;
    if (node.type === 'CallExpression' && !isMathCall(node, analysis)) return false;
    if (node.type === 'ForOfStatement' && node.await) return false;
    const reference = analysis.references.get(node);
    if (reference) {
      names.add(reference.name);
      if (!isKnown(reference) || !isPlainUse(node, reference)) excluded.add(reference.name);
    }
    return childrenOf(node).every(visit);
  };
  if (!visit(loop)) return new Set();
  return names.difference(excluded);
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
