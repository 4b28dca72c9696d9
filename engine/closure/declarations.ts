/** Puts the names a statement list, a pattern or a function body declares into a scope. */
import type { Node } from 'oxc-parser';
import { type Binding, type BindingKind, childrenOf, type Scope } from './scopes.ts';

export function declare(
  scope: Scope,
  name: string,
  kind: BindingKind,
  readyAt = 0,
  from?: Binding['from'],
): Binding {
  const existing = scope.names.get(name);
  if (existing && (kind === 'var' || existing.kind === 'var')) return existing;
  const binding: Binding = { name, kind, scope, readyAt, from };
  scope.names.set(name, binding);
  return binding;
}

export function declarePattern(scope: Scope, pattern: Node, kind: BindingKind, readyAt: number): void {
  switch (pattern.type) {
    case 'Identifier':
      declare(scope, pattern.name, kind, readyAt);
      return;
    case 'AssignmentPattern':
      declarePattern(scope, pattern.left, kind, readyAt);
      return;
    case 'RestElement':
      declarePattern(scope, pattern.argument, kind, readyAt);
      return;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) declarePattern(scope, element, kind, readyAt);
      return;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        declarePattern(scope, property.type === 'Property' ? property.value : property, kind, readyAt);
      }
      return;
    default:
      return;
  }
}

export function hoistVars(nodes: readonly (Node | null | undefined)[], scope: Scope): void {
  for (const node of nodes) {
    if (!node) continue;
    if (node.type === 'VariableDeclaration') {
      if (node.kind === 'var') for (const each of node.declarations) declarePattern(scope, each.id, 'var', 0);
    } else if (
      /(Statement|Clause|SwitchCase|ExportNamedDeclaration)$/.test(node.type) &&
      node.type !== 'ExpressionStatement'
    ) {
      hoistVars(childrenOf(node), scope);
    }
  }
}

export function hoistLexical(statements: readonly Node[], scope: Scope): void {
  for (const outer of statements) {
    const exported = outer.type === 'ExportNamedDeclaration' || outer.type === 'ExportDefaultDeclaration';
    const node = exported ? (outer.declaration as Node | null) : outer;
    if (!node) continue;
    if (node.type === 'VariableDeclaration' && node.kind !== 'var') {
      const kind = node.kind === 'let' || node.kind === 'const' ? node.kind : 'using';
      for (const each of node.declarations) declarePattern(scope, each.id, kind, each.end);
    } else if (node.type === 'FunctionDeclaration' && node.id) declare(scope, node.id.name, 'function');
    else if (node.type === 'ClassDeclaration' && node.id) declare(scope, node.id.name, 'class', node.end);
    else if (node.type === 'ImportDeclaration') {
      for (const each of node.specifiers) {
        const name =
          each.type === 'ImportDefaultSpecifier'
            ? 'default'
            : each.type === 'ImportNamespaceSpecifier'
              ? '*'
              : each.imported.type === 'Literal'
                ? each.imported.value
                : each.imported.name;
        declare(scope, each.local.name, 'import', 0, { specifier: node.source.value, name });
      }
    }
  }
}
