/** The part of compiling a cell that turns its top-level names into properties of the scope object. */
import type { Node, VariableDeclaration } from 'oxc-parser';
import { BUILTINS } from './builtins.ts';
import type { EditList } from './edit-list.ts';
import { isLoop, loopLocals } from './hot-loop.ts';
import { type Analysis, type FunctionScope, IMPORT_META, type Reference } from './scopes.ts';
import { type CallRange, indexCall } from './script-positions.ts';
import type { SourceText } from './source-text.ts';
import type { FunctionTagger, TreeVisitor } from './tag-functions.ts';

export interface CellRewriterOptions {
  source: SourceText;
  analysis: Analysis;
  edits: EditList;
  tagger: FunctionTagger;
  scopeNames: ReadonlySet<string>;
  /** Names that functions of this notebook assign, in whatever cell. */
  assignedByFunctions: ReadonlySet<string>;
}

export class CellRewriter implements TreeVisitor {
  readonly calls = new Map<number, CallRange>();
  readonly imports: {
    specifier: string;
    names: { local: string; exported: string; used: boolean }[];
    at: number;
  }[] = [];
  readonly #options: CellRewriterOptions;
  readonly #root: FunctionScope;
  /** Identifiers of shorthand properties: `{a}` becomes `{a: …}`. */
  readonly #shorthand = new Set<Node>();
  readonly #rewritten = new Set<Node>();
  /** Offsets where a statement starts that the text before could swallow, were it to start with a parenthesis. */
  readonly #statementStarts = new Set<number>();
  readonly #lastExpression: Node | undefined;
  #depth = 0;
  #loop: { node: Node; locals: Set<string> } | undefined;

  constructor(options: CellRewriterOptions) {
    this.#options = options;
    this.#root = options.analysis.root.fn;
    const last = options.analysis.program.body.at(-1) as Node | undefined;
    if (last?.type === 'ExpressionStatement') this.#lastExpression = last.expression;
    else if (last?.type === 'ExportDefaultDeclaration') this.#lastExpression = last.declaration as Node;
  }

  definitions(): string[] {
    return [...this.#options.analysis.root.names.values()]
      .filter((each) => each.kind !== 'using')
      .map((each) => each.name);
  }

  unresolved(): string[] {
    const { analysis, scopeNames } = this.#options;
    const names = new Set<string>();
    for (const { name, binding } of analysis.references.values()) {
      if (!binding && (scopeNames.has(name) || !(name in globalThis))) names.add(name);
    }
    return [...names];
  }

  /** How a function's capture thunk reads `name`. */
  captureExpression(name: string, fn: FunctionScope): string {
    if (name === IMPORT_META) return '$$$e';
    const binding = fn.free.get(name)?.binding;
    if (binding && !this.#isTopLevel(binding)) return name;
    return `${JSON.stringify(name)}in $$$s?$$$s.${name}:$$$n`;
  }

  // ------------------------------------------------------------ names

  #isTopLevel(binding: Reference['binding']): boolean {
    return binding !== null && binding.scope === this.#options.analysis.root && binding.kind !== 'using';
  }

  #inTopLevelCode(reference: Reference): boolean {
    return reference.fn === this.#root;
  }

  #isTooEarly(node: Node, reference: Reference): boolean {
    const { binding, declares } = reference;
    return (
      !declares &&
      this.#isTopLevel(binding) &&
      this.#inTopLevelCode(reference) &&
      node.start < (binding?.readyAt ?? 0)
    );
  }

  /** Whether the scope has the name for certain when this use runs. */
  #isKnown(node: Node, reference: Reference): boolean {
    const { binding, name } = reference;
    if (this.#options.scopeNames.has(name)) return true;
    if (!binding) return false;
    return binding.readyAt === 0 || (this.#inTopLevelCode(reference) && node.start >= binding.readyAt);
  }

  #readExpression(node: Node, reference: Reference): string {
    const { name, parent } = reference;
    if (this.#isTooEarly(node, reference)) return `$$$z("${name}")`;
    if (this.#isKnown(node, reference)) {
      const called =
        (parent.type === 'CallExpression' && parent.callee === node) ||
        (parent.type === 'TaggedTemplateExpression' && parent.tag === node);
      return called ? `(0,$$$s.${name})` : `$$$s.${name}`;
    }
    const isTypeof = parent.type === 'UnaryExpression' && parent.operator === 'typeof';
    const otherwise = isTypeof ? `typeof ${name}==="undefined"?void 0:${name}` : name;
    return `("${name}"in $$$s?$$$s.${name}:${otherwise})`;
  }

  #writeExpression(node: Node, reference: Reference): string {
    const { name, binding, declares } = reference;
    if (this.#isTooEarly(node, reference)) return `$$$z("${name}").${name}`;
    if (!declares && (binding?.kind === 'const' || binding?.kind === 'import')) return `$$$k.${name}`;
    if (binding || this.#options.scopeNames.has(name)) return `$$$s.${name}`;
    return `$$$w("${name}").${name}`;
  }

  #identifier(node: Node, reference: Reference): void {
    const { name, binding, write, declares, fn } = reference;
    if (this.#rewritten.has(node)) return;
    if (binding ? !this.#isTopLevel(binding) : BUILTINS.has(name) && !this.#options.scopeNames.has(name))
      return;
    if (!binding && name === 'arguments' && fn !== this.#root) return;
    if (declares && fn !== this.#root) return;
    let text: string;
    if (fn === this.#root && this.#loop?.locals.has(name))
      text = write ? `$$$s.${name}=$$$v_${name}` : `$$$v_${name}`;
    else text = write ? this.#writeExpression(node, reference) : this.#readExpression(node, reference);
    if (text.startsWith('(') && this.#statementStarts.has(node.start)) text = `;${text}`;
    if (this.#shorthand.has(node)) text = `${name}:${text}`;
    this.#options.edits.replace(node.start, node.end, text);
  }

  // ------------------------------------------------------------ statements

  #declaration(node: VariableDeclaration, parent: Node): void {
    const { edits, analysis } = this.#options;
    const topLevel =
      node.kind === 'var'
        ? this.#declaresInRoot(node)
        : (node.kind === 'let' || node.kind === 'const') &&
          (parent.type === 'Program' || parent.type === 'ExportNamedDeclaration');
    if (!topLevel) return;
    const inLoopHead =
      (parent.type === 'ForStatement' && parent.init === node) ||
      ((parent.type === 'ForInStatement' || parent.type === 'ForOfStatement') && parent.left === node);
    const inList = isStatementList(parent) || parent.type === 'ExportNamedDeclaration';
    const first = node.declarations[0] as Node;
    edits.replace(node.start, first.start, !inLoopHead && inList ? ';' : '');
    for (const each of node.declarations) {
      if (each.id.type === 'ObjectPattern' && each.init) {
        edits.insert(each.start, '(');
      } else if (!each.init && each.id.type === 'Identifier' && !inLoopHead) {
        const reference = analysis.references.get(each.id) as Reference;
        if (node.kind === 'let')
          edits.replace(each.id.start, each.id.end, `$$$s.${reference.name}=undefined`);
        else edits.replace(each.id.start, each.id.end, 'undefined');
        this.#rewritten.add(each.id);
      }
    }
  }

  #declaresInRoot(node: VariableDeclaration): boolean {
    const { references, root } = this.#options.analysis;
    const first = (pattern: Node): boolean => {
      const reference = references.get(pattern);
      if (reference) return reference.binding?.scope === root;
      switch (pattern.type) {
        case 'ArrayPattern':
          return pattern.elements.some((each) => each && first(each));
        case 'ObjectPattern':
          return pattern.properties.some((each) => first(each.type === 'Property' ? each.value : each));
        case 'AssignmentPattern':
          return first(pattern.left);
        case 'RestElement':
          return first(pattern.argument);
        default:
          return false;
      }
    };
    return node.declarations.some((each) => first(each.id));
  }

  #prologue(): string {
    const { analysis, tagger } = this.#options;
    let text = '"use strict";return(async()=>{';
    for (const { name, kind } of analysis.root.names.values())
      if (kind === 'var') text += `$$$s.${name}=undefined;`;
    for (const statement of analysis.program.body) {
      const node =
        'declaration' in statement && statement.declaration
          ? (statement.declaration as Node)
          : (statement as Node);
      if (node.type === 'FunctionDeclaration' && node.id) {
        const name = node.id.name;
        text += `$$$s.${name}=$$$m.declared(${name},${tagger.tagArgument(node, node, 'function', name)});`;
      }
      if (node.type === 'ImportDeclaration') this.#import(node);
    }
    return this.imports.length > 0 ? `${text}await $$$p();` : text;
  }

  #import(node: Extract<Node, { type: 'ImportDeclaration' }>): void {
    const { analysis } = this.#options;
    const used = new Set<string>();
    for (const { binding, name, declares } of analysis.references.values()) {
      if (binding?.kind === 'import' && !declares) used.add(name);
    }
    const names = node.specifiers.map(({ local }) => {
      const exported = analysis.root.names.get(local.name)?.from?.name ?? local.name;
      return { local: local.name, exported, used: used.has(local.name) };
    });
    this.imports.push({ specifier: node.source.value, names, at: node.start });
  }

  #enterLoop(node: Node): void {
    const { analysis, edits } = this.#options;
    const { scopeNames, assignedByFunctions } = this.#options;
    const locals = loopLocals(node, analysis, ({ name, binding }) => {
      if (assignedByFunctions.has(name)) return false;
      return binding === null
        ? scopeNames.has(name)
        : this.#isTopLevel(binding) && binding.readyAt <= node.start;
    });
    if (locals.size === 0) return;
    this.#loop = { node, locals };
    edits.insert(
      node.start,
      `{let $$$o,${[...locals].map((name) => `$$$v_${name}=$$$s.${name}`).join(',')};`,
    );
  }

  #update(node: Extract<Node, { type: 'UpdateExpression' }>, parent: Node): void {
    const target = node.argument as Node;
    if (target.type !== 'Identifier' || !this.#loop?.locals.has(target.name)) return;
    if (this.#options.analysis.references.get(target)?.fn !== this.#root) return;
    const unused =
      parent.type === 'ExpressionStatement' || (parent.type === 'ForStatement' && parent.update === node);
    const local = `$$$v_${target.name}`;
    const changed = `$$$s.${target.name}=${node.operator}${local}`;
    const text = unused
      ? changed
      : node.prefix
        ? `(${changed})`
        : `($$$o=${local}${node.operator},$$$s.${target.name}=${local},$$$o)`;
    this.#options.edits.replace(node.start, node.end, text);
    this.#rewritten.add(target);
  }

  // ------------------------------------------------------------ the walk

  enter(node: Node, parent: Node): void {
    const { edits, analysis, source } = this.#options;
    if (analysis.functions.has(node)) this.#depth += 1;
    // Loops inside functions use the function's own variables and need no locals.
    if (!this.#loop && this.#depth === 0 && isLoop(node)) this.#enterLoop(node);
    if (isAwaitedBody(node, parent)) {
      if (node.type === 'BlockStatement') edits.insert(node.start + 1, '$$$i();');
      else edits.insert(node.start, '{$$$i();');
    }
    if (node === this.#lastExpression && isExpression(node)) edits.insert(node.start, 'return (');
    switch (node.type) {
      case 'Program':
        edits.insert(0, this.#prologue());
        return;
      case 'Identifier': {
        const reference = analysis.references.get(node);
        if (reference) this.#identifier(node, reference);
        return;
      }
      case 'Property':
        if (node.shorthand)
          this.#shorthand.add(node.value.type === 'AssignmentPattern' ? node.value.left : node.value);
        return;
      case 'ExpressionStatement':
        if (isStatementList(parent) && node.expression !== this.#lastExpression)
          this.#statementStarts.add(node.start);
        return;
      case 'VariableDeclaration':
        this.#declaration(node, parent);
        return;
      case 'UpdateExpression':
        this.#update(node, parent);
        return;
      case 'ClassDeclaration':
        if (node.id && this.#isTopLevelDeclaration(parent))
          edits.insert(node.start, `;$$$s.${node.id.name}=$$$c(`);
        return;
      case 'ImportDeclaration':
        edits.replace(node.start, node.end, ';');
        return;
      case 'ExportAllDeclaration':
        edits.replace(node.start, node.end, ';');
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration) edits.replace(node.start, node.declaration.start, '');
        else {
          edits.replace(node.start, node.end, ';');
          for (const each of node.specifiers) this.#rewritten.add(each.local as Node);
        }
        return;
      case 'ExportDefaultDeclaration':
        edits.replace(node.start, (node.declaration as Node).start, '');
        return;
      case 'ImportExpression':
        edits.replace(node.start, node.start + 'import'.length, '$$$d');
        return;
      case 'MetaProperty':
        if (node.meta.name === 'import') edits.replace(node.start, node.end, '$$$e');
        return;
      case 'AwaitExpression':
        edits.insert(node.start, '$$$i(');
        return;
      case 'CallExpression':
        indexCall(node, source.text, this.calls);
        return;
      default:
    }
  }

  leave(node: Node, parent: Node): void {
    const { edits, tagger, source } = this.#options;
    switch (node.type) {
      case 'AwaitExpression':
        edits.insert(node.end, ')');
        break;
      case 'VariableDeclarator':
        if (node.id.type === 'ObjectPattern' && node.init && this.#isRewrittenDeclarator(node))
          edits.insert(node.end, ')');
        break;
      case 'ClassDeclaration':
        if (node.id && this.#isTopLevelDeclaration(parent)) {
          edits.insert(node.end, `,${tagger.tagArgument(node, node, 'class', node.id.name)});`);
        }
        break;
      case 'Program':
        edits.insert(source.text.length, '\n})()');
        break;
      default:
    }
    if (isAwaitedBody(node, parent) && node.type !== 'BlockStatement') edits.insert(node.end, '}');
    if (this.#options.analysis.functions.has(node)) this.#depth -= 1;
    if (node === this.#lastExpression && isExpression(node)) edits.insert(node.end, ')');
    if (this.#loop?.node === node) {
      edits.insert(node.end, '}');
      this.#loop = undefined;
    }
  }

  #isRewrittenDeclarator(node: Extract<Node, { type: 'VariableDeclarator' }>): boolean {
    const { references, root } = this.#options.analysis;
    const names = [...references].filter(
      ([id, each]) => each.declares && id.start >= node.id.start && id.end <= node.id.end,
    );
    return names.some(([, each]) => each.binding?.scope === root && each.binding.kind !== 'using');
  }

  #isTopLevelDeclaration(parent: Node): boolean {
    return (
      parent.type === 'Program' ||
      parent.type === 'ExportNamedDeclaration' ||
      parent.type === 'ExportDefaultDeclaration'
    );
  }
}

function isStatementList(node: Node): boolean {
  return (
    node.type === 'Program' ||
    node.type === 'BlockStatement' ||
    node.type === 'StaticBlock' ||
    node.type === 'SwitchCase'
  );
}

function isExpression(node: Node): boolean {
  return node.type !== 'FunctionDeclaration' && node.type !== 'ClassDeclaration';
}

function isAwaitedBody(node: Node, parent: Node): boolean {
  return parent.type === 'ForOfStatement' && parent.await && parent.body === node;
}
