/** Rewrites a program so that every function and class it creates carries its code unit and its captures. */
import type { Class, Node, ObjectExpression } from 'oxc-parser';
import { COMPUTED_KEY, type CodeUnit, codeUnit } from './code-unit.ts';
import type { EditList } from './edit-list.ts';
import { type Analysis, childrenOf, type FunctionScope } from './scopes.ts';
import type { SourceText } from './source-text.ts';

export interface TagOptions {
  source: SourceText;
  analysis: Analysis;
  edits: EditList;
  /** True in a notebook: names nobody declares may come from other cells. */
  lateNames: boolean;
  /** The expression that reads a captured name. */
  read(capture: { name: string; fn: FunctionScope }): string;
  /** Top-level declarations are the caller's. */
  ownsTopLevel: boolean;
}

/** Everything that can stand before, around or behind a node's own rewriting by another visitor. */
export interface TreeVisitor {
  enter(node: Node, parent: Node): void;
  leave(node: Node, parent: Node): void;
}

export function walkTree(node: Node, parent: Node, visitors: readonly TreeVisitor[]): void {
  for (const each of visitors) each.enter(node, parent);
  for (const child of childrenOf(node)) walkTree(child, node, visitors);
  for (let i = visitors.length - 1; i >= 0; i--) (visitors[i] as TreeVisitor).leave(node, parent);
}

/** The name JavaScript gives an anonymous function or class in this place. */
function nameFromPlace(node: Node, parent: Node): string | undefined {
  switch (parent.type) {
    case 'VariableDeclarator':
      return parent.init === node && parent.id.type === 'Identifier' ? parent.id.name : undefined;
    case 'AssignmentExpression':
    case 'AssignmentPattern':
      return parent.right === node && parent.left.type === 'Identifier' ? parent.left.name : undefined;
    case 'Property':
    case 'PropertyDefinition':
      return parent.value === node ? staticKey(parent) : undefined;
    case 'ExportDefaultDeclaration':
      return 'default';
    default:
      return undefined;
  }
}

function staticKey(node: { computed: boolean; key: Node }): string | undefined {
  if (node.computed) return undefined;
  if (node.key.type === 'Identifier') return node.key.name;
  if (node.key.type !== 'Literal') return undefined;
  const { value } = node.key;
  // As a property key: 0x10 is '16'.
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : undefined;
}

/** Of a computed key, the brackets included. */
function brackets(text: string, key: Node): { start: number; end: number } {
  return { start: text.lastIndexOf('[', key.start - 1), end: text.indexOf(']', key.end) + 1 };
}

function bodyStart(body: readonly Node[], open: number): number {
  let at = open;
  for (const statement of body) {
    if (statement.type !== 'ExpressionStatement' || !('directive' in statement) || !statement.directive)
      break;
    at = statement.end;
  }
  return at;
}

export class FunctionTagger implements TreeVisitor {
  readonly units: CodeUnit[] = [];
  readonly #options: TagOptions;
  /** Methods with computed keys, by number. */
  readonly #computed = new Map<Node, number>();

  constructor(options: TagOptions) {
    this.#options = options;
  }

  /** The second argument of the tag call for the function or class `node`, whose text is `range`. */
  tagArgument(node: Node, range: Node, kind: CodeUnit['kind'], name: string | undefined): string {
    const { source, analysis, lateNames, read } = this.#options;
    const fn = analysis.functions.get(node) as FunctionScope;
    const index = this.units.length;
    const unit = codeUnit(source, fn, range, kind, name, { lateNames });
    if (kind === 'class') {
      unit.members = thisUses(node as Class, analysis);
      // Static initialisers may call anything, so everything must be there before the class is evaluated.
      if (runsWhenEvaluated(node as Class)) for (const each of unit.captures) each.eager = true;
    }
    this.units.push(unit);
    if (unit.captures.length === 0) return `$$$u[${index}]`;
    const getters = unit.captures.map(({ name: captured }) => `()=>${read({ name: captured, fn })}`);
    return `()=>[$$$u[${index}],${getters.join(',')}]`;
  }

  enter(node: Node, parent: Node): void {
    const { edits } = this.#options;
    switch (node.type) {
      case 'FunctionExpression':
        if (isMethodValue(node, parent)) return;
        edits.insert(node.start, `$$$t(${nameOpening(node.id ? undefined : nameFromPlace(node, parent))}`);
        return;
      case 'ArrowFunctionExpression':
        edits.insert(node.start, `$$$t(${nameOpening(nameFromPlace(node, parent))}`);
        return;
      case 'ClassExpression':
        edits.insert(node.start, `$$$c(${nameOpening(node.id ? undefined : nameFromPlace(node, parent))}`);
        return;
      case 'FunctionDeclaration':
        if (!node.id) edits.insert(node.start, `$$$t(${nameOpening('default')}`);
        else if (parent.type === 'SwitchCase')
          edits.insert(node.start, this.#tagDeclaration(node, node.id.name));
        return;
      case 'ClassDeclaration':
        if (!node.id) edits.insert(node.start, `$$$c(${nameOpening('default')}`);
        return;
      case 'ObjectExpression':
        if (methodsOf(node).length > 0) edits.insert(node.start, '$$$m(');
        for (const { property, key } of methodsOf(node)) {
          if (key !== undefined) continue;
          const number = this.#computed.size;
          this.#computed.set(property, number);
          const { start } = brackets(this.#options.source.text, property.key);
          edits.insert(start + 1, `$$$m.key($$$u,${number},`);
        }
        return;
      case 'BlockStatement':
      case 'StaticBlock': {
        const open =
          node.type === 'StaticBlock' ? bodyOfStaticBlock(this.#options.source.text, node) : node.start + 1;
        edits.insert(bodyStart(node.body, open), this.#declarationsOf(node.body));
        return;
      }
      case 'Program':
        if (!this.#options.ownsTopLevel) edits.insert(0, this.#declarationsOf(node.body as Node[]));
        return;
      default:
    }
  }

  leave(node: Node, parent: Node): void {
    const { edits } = this.#options;
    switch (node.type) {
      case 'FunctionExpression':
      case 'ArrowFunctionExpression': {
        if (isMethodValue(node, parent)) return;
        const given = nameFromPlace(node, parent);
        const own = node.type === 'FunctionExpression' ? node.id?.name : undefined;
        const argument = this.tagArgument(node, node, 'function', own ?? given);
        edits.insert(node.end, `${nameClosing(own ? undefined : given)},${argument})`);
        return;
      }
      case 'ClassExpression': {
        const given = node.id ? undefined : nameFromPlace(node, parent);
        edits.insert(
          node.end,
          `${nameClosing(given)},${this.tagArgument(node, node, 'class', node.id?.name ?? given)})`,
        );
        return;
      }
      case 'FunctionDeclaration':
        if (!node.id)
          edits.insert(
            node.end,
            `${nameClosing('default')},${this.tagArgument(node, node, 'function', 'default')});`,
          );
        return;
      case 'ClassDeclaration':
        this.#leaveClassDeclaration(node, parent);
        return;
      case 'ObjectExpression': {
        const methods = methodsOf(node);
        const tags = methods.map(({ property, key }) => {
          const tag = this.tagArgument(property.value, property, 'method', key ?? COMPUTED_KEY);
          if (key !== undefined) return `[${JSON.stringify(key)},${tag}]`;
          const computedKey = brackets(this.#options.source.text, property.key);
          edits.insert(computedKey.end - 1, ')');
          this.units.at(-1)!.computedKey = computedKey;
          return `[${this.#computed.get(property)},${tag}]`;
        });
        const units = methods.some(({ key }) => key === undefined) ? ',$$$u' : '';
        if (tags.length > 0) edits.insert(node.end, `,[${tags.join(',')}]${units})`);
        return;
      }
      default:
    }
  }

  #leaveClassDeclaration(node: Class, parent: Node): void {
    if (!node.id) {
      this.#options.edits.insert(
        node.end,
        `${nameClosing('default')},${this.tagArgument(node, node, 'class', 'default')});`,
      );
      return;
    }
    const topLevel =
      parent.type === 'Program' ||
      parent.type === 'ExportNamedDeclaration' ||
      parent.type === 'ExportDefaultDeclaration';
    if (topLevel && this.#options.ownsTopLevel) return;
    this.#options.edits.insert(
      node.end,
      `;$$$c(${node.id.name},${this.tagArgument(node, node, 'class', node.id.name)});`,
    );
  }

  #tagDeclaration(node: Node, name: string): string {
    return `$$$m.declared(${name},${this.tagArgument(node, node, 'function', name)});`;
  }

  #declarationsOf(statements: readonly Node[]): string {
    let text = '';
    for (const statement of statements) {
      const node =
        'declaration' in statement && statement.declaration ? (statement.declaration as Node) : statement;
      if (node.type === 'FunctionDeclaration' && node.id) text += this.#tagDeclaration(node, node.id.name);
    }
    return text && `;${text}`;
  }
}

function nameOpening(name: string | undefined): string {
  return name === undefined || name === '__proto__' ? '' : `{${JSON.stringify(name)}:`;
}

function nameClosing(name: string | undefined): string {
  return name === undefined || name === '__proto__' ? '' : `}[${JSON.stringify(name)}]`;
}

function isMethodValue(node: Node, parent: Node): boolean {
  if (parent.type === 'MethodDefinition') return parent.value === node;
  return parent.type === 'Property' && parent.value === node && (parent.method || parent.kind !== 'init');
}

function methodsOf(node: ObjectExpression) {
  return node.properties.flatMap((property) => {
    if (property.type !== 'Property' || !property.method) return [];
    const key = staticKey(property);
    return key === '__proto__' ? [] : [{ property, key }];
  });
}

function bodyOfStaticBlock(text: string, node: Node): number {
  return text.indexOf('{', node.start) + 1;
}

function thisUses(node: Class, analysis: Analysis): { key: string; at: number }[] {
  return node.body.body.flatMap((member) => {
    if (member.type !== 'MethodDefinition') return [];
    const key = staticKey(member);
    const at = analysis.functions.get(member.value as Node)?.ownThis;
    return key === undefined || at === undefined ? [] : [{ key, at }];
  });
}

function runsWhenEvaluated(node: Class): boolean {
  return node.body.body.some(
    (member) => member.type === 'StaticBlock' || (member.type === 'PropertyDefinition' && member.static),
  );
}
