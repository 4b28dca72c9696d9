/** The shape of Monaco's TypeScriptWorker, which ships without types: what ours overrides and calls. */
import type { TsDiagnostic, TsDisplayPart, TsSpan } from './typescript-api.ts';

export interface MirrorModel {
  uri: { toString(): string };
  version: number;
  getValue(): string;
}

export interface WorkerContext {
  getMirrorModels(): MirrorModel[];
}

export interface CreateData {
  compilerOptions: object;
  extraLibs: Record<string, { content: string; version: number }>;
}

export interface FileSpan {
  fileName: string;
  textSpan: TsSpan;
}

export interface TextChange {
  span: TsSpan;
  newText: string;
}

export interface QuickInfo {
  textSpan: TsSpan;
  displayParts?: TsDisplayPart[];
}

export interface LanguageService {
  getSemanticDiagnostics(fileName: string): TsDiagnostic[];
  getSuggestionDiagnostics(fileName: string): TsDiagnostic[];
}

export declare class TypeScriptWorker {
  constructor(context: WorkerContext, data: CreateData);
  protected _extraLibs: CreateData['extraLibs'];
  protected _languageService: LanguageService;
  getScriptFileNames(): string[];
  getScriptVersion(fileName: string): string;
  getScriptKind(fileName: string): number;
  protected _getScriptText(fileName: string): string | undefined;
  updateExtraLibs(libs: CreateData['extraLibs']): Promise<void>;
  getQuickInfoAtPosition(fileName: string, position: number): Promise<QuickInfo | undefined>;
  getReferencesAtPosition(fileName: string, position: number): Promise<FileSpan[] | undefined>;
  getDefinitionAtPosition(fileName: string, position: number): Promise<FileSpan[] | undefined>;
  getDocumentHighlights(
    fileName: string,
    position: number,
    files: string[],
  ): Promise<{ fileName: string; highlightSpans: { textSpan: TsSpan }[] }[] | undefined>;
  findRenameLocations(
    fileName: string,
    position: number,
    inStrings: boolean,
    inComments: boolean,
    prefixAndSuffix: boolean,
  ): Promise<FileSpan[] | undefined>;
  getFormattingEditsForDocument(fileName: string, options: object): Promise<TextChange[]>;
  getFormattingEditsForRange(
    fileName: string,
    start: number,
    end: number,
    options: object,
  ): Promise<TextChange[]>;
  getFormattingEditsAfterKeystroke(
    fileName: string,
    position: number,
    key: string,
    options: object,
  ): Promise<TextChange[]>;
  getNavigationTree(fileName: string): Promise<object | undefined>;
}
