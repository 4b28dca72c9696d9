/** The part of TypeScript's compiler API (as Monaco bundles it, without types) that our service uses. */
export interface TsNode {
  kind: number;
  flags: number;
  text?: string;
  name?: TsNode;
  elements?: TsNode[];
  statements?: TsNode[];
  declarations?: TsNode[];
  declarationList?: TsNode;
  importClause?: TsNode;
  namedBindings?: TsNode;
  exportClause?: TsNode;
  isTypeOnly?: boolean;
  left?: TsNode;
  operatorToken?: TsNode;
  operator?: number;
  operand?: TsNode;
  initializer?: TsNode;
}

export interface TsDiagnostic {
  start?: number;
  length?: number;
  code: number;
  category: number;
  messageText: string | TsMessageChain;
  reportsUnnecessary?: object;
  reportsDeprecated?: object;
}

export interface TsMessageChain {
  messageText: string;
  next?: TsMessageChain[];
}

export interface TsSourceFile extends TsNode {
  parseDiagnostics: TsDiagnostic[];
}

export interface TsDisplayPart {
  text: string;
  kind: string;
}

export interface TsSpan {
  start: number;
  length: number;
}

export interface TypeScriptApi {
  createSourceFile(name: string, text: string, options: object, setParents: boolean): TsSourceFile;
  forEachChild(node: TsNode, visit: (child: TsNode) => void): void;
  isFunctionLike(node: TsNode): boolean;
  isClassLike(node: TsNode): boolean;
  getCombinedModifierFlags(node: TsNode): number;
  flattenDiagnosticMessageText(message: string | TsMessageChain, newLine: string): string;
  ScriptKind: Record<'JS' | 'JSX' | 'TS' | 'TSX' | 'JSON', number>;
  SyntaxKind: Record<string, number>;
  NodeFlags: Record<'BlockScoped' | 'Using' | 'AwaitUsing', number>;
  ModifierFlags: Record<'Export' | 'Default', number>;
  DiagnosticCategory: Record<'Warning' | 'Error' | 'Suggestion' | 'Message', number>;
}
