/** What the text of a cell declares, exports and assigns at its top level, types included, from the parser's tree. */
import type { Node, Program } from 'oxc-parser';
import { type CellNames, identifiersIn, TYPE, VALUE } from '../engine/cell-chain.ts';
import { childrenOf } from '../engine/closure/scopes.ts';

const BOTH = VALUE | TYPE;

/** The names that a pattern binds, or an assignment's left side writes. */
function patternNames(pattern: Node): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'AssignmentPattern':
      return patternNames(pattern.left);
    case 'RestElement':
      return patternNames(pattern.argument);
    case 'ArrayPattern':
      return pattern.elements.flatMap((each) => (each ? patternNames(each) : []));
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) => patternNames(each.type === 'Property' ? each.value : each));
    default:
      return [];
  }
}

function meaningOf(node: Node): number {
  switch (node.type) {
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return TYPE;
    case 'ClassDeclaration':
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration':
    case 'TSImportEqualsDeclaration':
      return BOTH;
    default:
      return VALUE;
  }
}

export function cellNames(program: Program, text: string): CellNames {
  const declared = new Map<string, number>();
  const local = new Set<string>();
  const exported = new Set<string>();
  const assigned = new Set<string>();
  const declare = (name: string, meaning: number) => declared.set(name, (declared.get(name) ?? 0) | meaning);

  const statement = (node: Node, isExported: boolean): void => {
    if (node.type === 'VariableDeclaration') {
      for (const name of node.declarations.flatMap((each) => patternNames(each.id))) {
        declare(name, VALUE);
        if (node.kind === 'using' || node.kind === 'await using') local.add(name);
        if (isExported) exported.add(name);
      }
    } else if (node.type === 'ImportDeclaration') {
      for (const each of node.specifiers) {
        const isType = node.importKind === 'type' || ('importKind' in each && each.importKind === 'type');
        declare(each.local.name, isType ? TYPE : BOTH);
      }
    } else if (node.type === 'ExportNamedDeclaration') {
      if (node.declaration) statement(node.declaration, true);
      for (const { exported: name } of node.specifiers)
        exported.add(name.type === 'Literal' ? name.value : name.name);
    } else if (node.type === 'ExportDefaultDeclaration') {
      statement(node.declaration as Node, false);
    } else if (/^(Function|Class|TS\w+)Declaration$|^TSDeclareFunction$/.test(node.type)) {
      const { id } = node as { id?: Node | null };
      if (id?.type !== 'Identifier' || id.name === 'global') return;
      declare(id.name, meaningOf(node));
      if (isExported) exported.add(id.name);
    } else hoist(node);
  };

  /** `var` reaches the top level out of blocks, not out of functions. */
  const hoist = (node: Node): void => {
    if (/Function|Class/.test(node.type)) return;
    if (node.type === 'VariableDeclaration' && node.kind === 'var') statement(node, false);
    for (const child of childrenOf(node)) hoist(child);
  };

  const assignments = (node: Node): void => {
    if (node.type === 'AssignmentExpression') for (const name of patternNames(node.left)) assigned.add(name);
    if (node.type === 'UpdateExpression' && node.argument.type === 'Identifier')
      assigned.add(node.argument.name);
    if (node.type === 'ForOfStatement' || node.type === 'ForInStatement')
      for (const name of patternNames(node.left)) assigned.add(name);
    for (const child of childrenOf(node)) assignments(child);
  };

  for (const node of program.body) statement(node as Node, false);
  assignments(program);
  return { declared, local, exported, assigned, used: identifiersIn(text) };
}
