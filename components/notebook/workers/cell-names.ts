/** What the text of a cell declares and exports at its top level, from TypeScript's own parse of it. */
import { type CellNames, identifiersIn, TYPE, VALUE } from '../../../engine/cell-chain.ts';
import type { TsNode, TypeScriptApi } from './typescript-api.ts';

const BOTH = VALUE | TYPE;

export function cellNames(ts: TypeScriptApi, source: TsNode, text: string): CellNames {
  const { SyntaxKind, NodeFlags, ModifierFlags } = ts;
  const declared = new Map<string, number>();
  const local = new Set<string>();
  const exported = new Set<string>();

  const declare = (name: string | undefined, meaning: number, isExported = false): void => {
    if (!name) return;
    declared.set(name, (declared.get(name) ?? 0) | meaning);
    if (isExported) exported.add(name);
  };
  const bindingNames = (name: TsNode): string[] =>
    name.kind === SyntaxKind.Identifier
      ? [name.text ?? '']
      : (name.elements ?? []).flatMap((element) => (element.name ? bindingNames(element.name) : []));

  const variables = (list: TsNode, isExported: boolean): void => {
    // `await using` has the bits of both others.
    const isUsing =
      (list.flags & NodeFlags.BlockScoped) === NodeFlags.Using ||
      (list.flags & NodeFlags.AwaitUsing) === NodeFlags.AwaitUsing;
    for (const each of list.declarations ?? []) {
      for (const name of each.name ? bindingNames(each.name) : []) {
        declare(name, VALUE, isExported);
        if (isUsing) local.add(name);
      }
    }
  };

  /** `var` reaches the top level out of blocks, not out of functions. */
  const hoistVars = (node: TsNode): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || node.kind === SyntaxKind.ModuleDeclaration) return;
    if (node.kind === SyntaxKind.VariableDeclarationList && !(node.flags & NodeFlags.BlockScoped)) {
      variables(node, false);
    }
    ts.forEachChild(node, hoistVars);
  };

  const importNames = (statement: TsNode): void => {
    const clause = statement.importClause;
    if (!clause) return;
    const meaning = clause.isTypeOnly ? TYPE : BOTH;
    declare(clause.name?.text, meaning);
    const { namedBindings } = clause;
    declare(namedBindings?.name?.text, meaning);
    for (const element of namedBindings?.elements ?? [])
      declare(element.name?.text, element.isTypeOnly ? TYPE : meaning);
  };

  for (const statement of source.statements ?? []) {
    const flags = ts.getCombinedModifierFlags(statement);
    const isExported = (flags & ModifierFlags.Export) !== 0 && (flags & ModifierFlags.Default) === 0;
    const named = statement.name;
    const name = named && named.kind === SyntaxKind.Identifier ? named.text : undefined;
    switch (statement.kind) {
      case SyntaxKind.VariableStatement:
        if (statement.declarationList) variables(statement.declarationList, isExported);
        break;
      case SyntaxKind.FunctionDeclaration:
        declare(name, VALUE, isExported);
        break;
      case SyntaxKind.InterfaceDeclaration:
      case SyntaxKind.TypeAliasDeclaration:
        declare(name, TYPE, isExported);
        break;
      case SyntaxKind.ModuleDeclaration:
        if (name !== 'global') declare(name, BOTH, isExported);
        break;
      case SyntaxKind.ClassDeclaration:
      case SyntaxKind.EnumDeclaration:
      case SyntaxKind.ImportEqualsDeclaration:
        declare(name, BOTH, isExported);
        break;
      case SyntaxKind.ImportDeclaration:
        importNames(statement);
        break;
      case SyntaxKind.ExportDeclaration:
        for (const element of statement.exportClause?.elements ?? []) exported.add(element.name?.text ?? '');
        break;
      default:
        hoistVars(statement);
    }
  }
  return { declared, local, exported, used: identifiersIn(text), assigned: assignedNames(ts, source) };
}

/** Names on the left of an assignment, counted up or down, or taken by a loop: wherever, whoever declares them. */
function assignedNames(ts: TypeScriptApi, source: TsNode): Set<string> {
  const { SyntaxKind } = ts;
  const names = new Set<string>();
  const target = (node: TsNode | undefined): void => {
    if (!node) return;
    if (node.kind === SyntaxKind.Identifier) names.add(node.text ?? '');
    else if (isPattern(node)) ts.forEachChild(node, target);
  };
  const isPattern = ({ kind }: TsNode) =>
    kind === SyntaxKind.ArrayLiteralExpression ||
    kind === SyntaxKind.ObjectLiteralExpression ||
    kind === SyntaxKind.PropertyAssignment ||
    kind === SyntaxKind.ShorthandPropertyAssignment ||
    kind === SyntaxKind.SpreadElement ||
    kind === SyntaxKind.SpreadAssignment ||
    kind === SyntaxKind.ParenthesizedExpression ||
    kind === SyntaxKind.BinaryExpression;
  const visit = (node: TsNode): void => {
    const operator = node.operatorToken?.kind ?? 0;
    if (
      node.kind === SyntaxKind.BinaryExpression &&
      operator >= SyntaxKind.FirstAssignment! &&
      operator <= SyntaxKind.LastAssignment!
    )
      target(node.left);
    if (node.kind === SyntaxKind.PrefixUnaryExpression || node.kind === SyntaxKind.PostfixUnaryExpression) {
      const counts =
        node.operator === SyntaxKind.PlusPlusToken || node.operator === SyntaxKind.MinusMinusToken;
      if (counts) target(node.operand);
    }
    if (node.kind === SyntaxKind.ForOfStatement || node.kind === SyntaxKind.ForInStatement)
      target(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}
