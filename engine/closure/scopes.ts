/** Who declares and who uses every name of a program, as data: what scope-walk.ts finds. */
import { type Node, type Program, visitorKeys } from 'oxc-parser';

export type BindingKind =
  | 'var'
  | 'let'
  | 'const'
  | 'using'
  | 'function'
  | 'class'
  | 'import'
  | 'param'
  | 'own';

export interface Binding {
  name: string;
  kind: BindingKind;
  scope: Scope;
  /** Offset from which it holds a value; 0 for hoisted kinds. */
  readyAt: number;
  /** For imports: where the value comes from. */
  from?: { specifier: string; name: string };
}

export interface Scope {
  parent: Scope | null;
  fn: FunctionScope;
  names: Map<string, Binding>;
}

/** A name a function takes from outside. */
export interface FreeName {
  name: string;
  /** Null when no scope of this program declares it. */
  binding: Binding | null;
  /** Offset of its first use inside the function. */
  at: number;
  /** For classes: read while the class itself is evaluated. */
  eager: boolean;
  onlyTypeof: boolean;
  assignedAt?: number;
}

export type FunctionKind = 'program' | 'function' | 'arrow' | 'method' | 'class' | 'field' | 'staticField';

export interface FunctionScope {
  kind: FunctionKind;
  node: Node;
  parent: FunctionScope | null;
  free: Map<string, FreeName>;
  /** The first `this`, `super`, `arguments`, `new.target` or private name that belongs to something outside. */
  outer?: { word: string; at: number };
  /** The first use of a `this` of its own. */
  ownThis?: number;
  indeterminate: { root: string; use: string }[];
  /** There is an `import()` in it. */
  importsLater: boolean;
}

export interface Reference {
  name: string;
  binding: Binding | null;
  fn: FunctionScope;
  read: boolean;
  write: boolean;
  /** It is the declaration of the binding itself. */
  declares: boolean;
  parent: Node;
}

export interface Analysis {
  program: Program;
  root: Scope;
  references: Map<Node, Reference>;
  functions: Map<Node, FunctionScope>;
}

/** The stand-in for `import.meta`: as long as the original, so that positions stay. */
export const IMPORT_META = '$importMeta';

export function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (const key of visitorKeys[node.type] ?? []) {
    const value = (node as unknown as Record<string, unknown>)[key];
    if (Array.isArray(value)) for (const each of value) each && children.push(each as Node);
    else if (value && typeof value === 'object') children.push(value as Node);
  }
  return children;
}
