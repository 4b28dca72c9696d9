/** Finds scopes, references, and what each function takes from outside, in one walk over a program. */

import type {
  ArrowFunctionExpression,
  BindingPattern,
  Class,
  ClassElement,
  Function as FunctionNode,
  Node,
  Program,
  Statement,
} from 'oxc-parser';
import { declare, declarePattern, hoistLexical, hoistVars } from './declarations.ts';
import { indeterminateUse } from './indeterminate.ts';
import {
  type Analysis,
  type Binding,
  childrenOf,
  type FunctionKind,
  type FunctionScope,
  IMPORT_META,
  type Reference,
  type Scope,
} from './scopes.ts';

type Callable = FunctionNode | ArrowFunctionExpression;

export function analyze(program: Program): Analysis {
  const analysis = new ScopeWalk(program);
  analysis.run();
  return analysis;
}

class ScopeWalk implements Analysis {
  readonly program: Program;
  readonly root: Scope;
  readonly references = new Map<Node, Reference>();
  readonly functions = new Map<Node, FunctionScope>();

  constructor(program: Program) {
    this.program = program;
    const fn: FunctionScope = {
      kind: 'program',
      node: program,
      parent: null,
      free: new Map(),
      indeterminate: [],
      importsLater: false,
    };
    this.root = { parent: null, fn, names: new Map() };
  }

  run(): void {
    hoistVars(this.program.body as Statement[], this.root);
    this.#statements(this.program.body as Statement[], this.root, this.program);
  }

  // ------------------------------------------------------------ the walk

  #statements(statements: readonly Node[], scope: Scope, parent: Node): void {
    hoistLexical(statements, scope);
    for (const statement of statements) this.#visit(statement, scope, parent);
  }

  #block(scope: Scope): Scope {
    return { parent: scope, fn: scope.fn, names: new Map() };
  }

  #children(node: Node, scope: Scope): void {
    for (const child of childrenOf(node)) this.#visit(child, scope, node);
  }

  #visit(node: Node, scope: Scope, parent: Node): void {
    switch (node.type) {
      case 'Identifier':
        this.#reference(node, node.name, scope, parent, true, false);
        return;
      case 'BlockStatement':
        this.#statements(node.body, this.#block(scope), node);
        return;
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement': {
        const inner = this.#block(scope);
        const head = node.type === 'ForStatement' ? node.init : node.left;
        if (head?.type === 'VariableDeclaration') hoistLexical([head], inner);
        if (node.type !== 'ForStatement' && head && head.type !== 'VariableDeclaration') {
          this.#target(head, inner, node, false, false);
          this.#visit(node.right, inner, node);
          this.#visit(node.body, inner, node);
          return;
        }
        this.#children(node, inner);
        return;
      }
      case 'SwitchStatement': {
        this.#visit(node.discriminant, scope, node);
        const inner = this.#block(scope);
        hoistLexical(
          node.cases.flatMap((each) => each.consequent),
          inner,
        );
        for (const each of node.cases) this.#children(each, inner);
        return;
      }
      case 'CatchClause': {
        const inner = this.#block(scope);
        if (node.param) {
          declarePattern(inner, node.param, 'param', 0);
          this.#target(node.param, inner, node, true, false);
        }
        this.#visit(node.body, inner, node);
        return;
      }
      case 'VariableDeclaration':
        for (const each of node.declarations) {
          this.#target(each.id, scope, each, true, false);
          if (each.init) this.#visit(each.init, scope, each);
        }
        return;
      case 'AssignmentExpression':
        this.#target(node.left, scope, node, false, node.operator !== '=');
        this.#visit(node.right, scope, node);
        return;
      case 'UpdateExpression':
        this.#target(node.argument, scope, node, false, true);
        return;
      case 'MemberExpression':
        this.#visit(node.object, scope, node);
        if (node.computed || node.property.type === 'PrivateIdentifier')
          this.#visit(node.property, scope, node);
        return;
      case 'PrivateIdentifier':
        this.#privateName(node.start, node.name, scope);
        return;
      case 'Property':
        if (node.computed) this.#visit(node.key, scope, node);
        if (node.method || node.kind !== 'init') this.#callable(node.value as FunctionNode, scope, 'method');
        else this.#visit(node.value, scope, node);
        return;
      case 'ImportExpression':
        for (let fn: FunctionScope | null = scope.fn; fn; fn = fn.parent) fn.importsLater = true;
        this.#children(node, scope);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
        this.#callable(node, scope, 'function');
        return;
      case 'ArrowFunctionExpression':
        this.#callable(node, scope, 'arrow');
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.#classBody(node, scope);
        return;
      case 'ThisExpression':
        this.#receiver('this', node.start, scope.fn);
        return;
      case 'Super':
        this.#receiver('super', node.start, scope.fn);
        return;
      case 'MetaProperty':
        if (node.meta.name === 'new') this.#receiver('new.target', node.start, scope.fn);
        else this.#free(IMPORT_META, null, node.start, scope.fn, true, false, false);
        return;
      case 'LabeledStatement':
        this.#visit(node.body, scope, node);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration) this.#visit(node.declaration, scope, node);
        else if (!node.source)
          for (const each of node.specifiers) this.#visit(each.local as Node, scope, each);
        return;
      default:
        this.#children(node, scope);
        return;
    }
  }

  /** A binding or assignment pattern: its names are written, its defaults and computed keys read. */
  #target(node: Node, scope: Scope, parent: Node, declares: boolean, alsoRead: boolean): void {
    switch (node.type) {
      case 'Identifier':
        this.#reference(node, node.name, scope, parent, alsoRead, true, declares);
        return;
      case 'AssignmentPattern':
        this.#target(node.left as BindingPattern, scope, node, declares, false);
        this.#visit(node.right, scope, node);
        return;
      case 'RestElement':
        this.#target(node.argument, scope, node, declares, false);
        return;
      case 'ArrayPattern':
        for (const each of node.elements) if (each) this.#target(each, scope, node, declares, false);
        return;
      case 'ObjectPattern':
        for (const each of node.properties) {
          if (each.type !== 'Property') this.#target(each, scope, node, declares, false);
          else {
            if (each.computed) this.#visit(each.key, scope, each);
            this.#target(each.value, scope, each, declares, false);
          }
        }
        return;
      default:
        this.#visit(node, scope, parent);
        return;
    }
  }

  #enter(kind: FunctionKind, node: Node, scope: Scope): Scope {
    const fn: FunctionScope = {
      kind,
      node,
      parent: scope.fn,
      free: new Map(),
      indeterminate: [],
      importsLater: false,
    };
    this.functions.set(node, fn);
    return { parent: scope, fn, names: new Map() };
  }

  #callable(node: Callable, outer: Scope, kind: 'function' | 'arrow' | 'method'): void {
    const scope = this.#enter(kind, node, outer);
    if (node.type === 'FunctionExpression' && node.id) {
      declare(scope, node.id.name, 'own');
    }
    const params = this.#block(scope);
    for (const param of node.params) declarePattern(params, param as Node, 'param', 0);
    for (const param of node.params) this.#target(param as Node, params, node, true, false);
    const body = node.body as Node | null;
    if (body?.type !== 'BlockStatement') {
      if (body) this.#visit(body, params, node);
      return;
    }
    const inner = this.#block(params);
    hoistVars(body.body, inner);
    for (const name of inner.names.keys()) if (params.names.has(name)) inner.names.delete(name);
    this.#statements(body.body, inner, body);
  }

  #classBody(node: Class, outer: Scope): void {
    const scope = this.#enter('class', node, outer);
    if (node.id) declare(scope, node.id.name, 'own');
    if (node.superClass) this.#visit(node.superClass, scope, node);
    for (const element of node.body.body as ClassElement[]) {
      if (element.type === 'StaticBlock') {
        const inner = this.#enter('staticField', element, scope);
        hoistVars(element.body, inner);
        this.#statements(element.body, inner, element);
      } else if (element.type === 'MethodDefinition') {
        if (element.computed) this.#visit(element.key, scope, element);
        this.#callable(element.value as FunctionNode, scope, 'method');
      } else if (element.type === 'PropertyDefinition' || element.type === 'AccessorProperty') {
        if (element.computed) this.#visit(element.key, scope, element);
        if (!element.value) continue;
        const inner = this.#enter(element.static ? 'staticField' : 'field', element, scope);
        this.#visit(element.value, inner, element);
      }
    }
  }

  // ------------------------------------------------------------ uses

  #resolve(name: string, scope: Scope): Binding | null {
    for (let each: Scope | null = scope; each; each = each.parent) {
      const binding = each.names.get(name);
      if (binding) return binding;
    }
    return null;
  }

  #reference(
    node: Node,
    name: string,
    scope: Scope,
    parent: Node,
    read: boolean,
    write: boolean,
    declares = false,
  ): void {
    const binding = this.#resolve(name, scope);
    this.references.set(node, { name, binding, fn: scope.fn, read, write, declares, parent });
    if (declares) return;
    if (!binding && name === 'arguments') {
      this.#receiver('arguments', node.start, scope.fn);
      return;
    }
    const isTypeof = parent.type === 'UnaryExpression' && parent.operator === 'typeof';
    this.#free(name, binding, node.start, scope.fn, true, write, isTypeof);
    if (binding) return;
    const use = indeterminateUse(name, node, parent);
    if (use)
      for (let fn: FunctionScope | null = scope.fn; fn; fn = fn.parent)
        fn.indeterminate.push({ root: name, use });
  }

  #free(
    name: string,
    binding: Binding | null,
    at: number,
    user: FunctionScope,
    startsEager: boolean,
    assigned: boolean,
    isTypeof: boolean,
  ): void {
    let eager = startsEager;
    for (let fn: FunctionScope | null = user; fn && fn !== binding?.scope.fn; fn = fn.parent) {
      if (fn.kind !== 'class' && fn.kind !== 'staticField') eager = false;
      const node = fn.node;
      // Compiled alone a declaration is a named function expression: its own name is bound inside.
      const ownName =
        (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id?.name === name;
      if (ownName && binding && (binding.kind === 'function' || binding.kind === 'class') && !assigned)
        continue;
      const known = fn.free.get(name);
      if (!known)
        fn.free.set(name, {
          name,
          binding,
          at,
          eager,
          onlyTypeof: isTypeof,
          assignedAt: assigned ? at : undefined,
        });
      else {
        known.eager ||= eager;
        known.onlyTypeof &&= isTypeof;
        if (assigned) known.assignedAt ??= at;
      }
    }
  }

  /** `this` and its kin belong to the nearest function that is no arrow. */
  #receiver(word: string, at: number, user: FunctionScope): void {
    for (let fn: FunctionScope | null = user; fn; fn = fn.parent) {
      if (fn.kind === 'arrow' || fn.kind === 'class') fn.outer ??= { word, at };
      else {
        if (word === 'this') fn.ownThis ??= at;
        else if (word === 'super' && fn.kind === 'method') fn.outer ??= { word, at };
        return;
      }
    }
  }

  #privateName(at: number, name: string, scope: Scope): void {
    for (let fn: FunctionScope | null = scope.fn; fn; fn = fn.parent) {
      if (fn.kind === 'class') {
        const members = (fn.node as Class).body.body;
        const owns = members.some(
          (each) => 'key' in each && each.key.type === 'PrivateIdentifier' && each.key.name === name,
        );
        if (owns) return;
      }
      fn.outer ??= { word: `#${name}`, at };
    }
  }
}
