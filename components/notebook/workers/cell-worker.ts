/**
 * Monaco's TypeScript service, made to see the cells of a notebook as chained modules (engine/cell-chain.ts): what is
 * added behind a cell's text never shows. `_getScriptText` and its kin are no public API; monaco-editor is pinned.
 */
import { typescript as ts } from 'monaco-editor/languages/features/typescript/lib/typescriptServices';
import { TypeScriptWorker } from 'monaco-editor/languages/features/typescript/tsWorker';
import { cellIdOf, cellUri, NOTEBOOK_FOLDER } from '../editor/cell-uri.ts';
import { type CellMarker, CHAIN_FILE, type NotebookPlan } from '../editor/type-protocol.ts';
import { type BaseTypes, LIBRARY_FOLDER } from './base-types.ts';
import { cellMarker, isFalseAlarm } from './cell-markers.ts';
import { type CellModule, NotebookChain } from './notebook-chain.ts';
import type {
  TypeScriptWorker as BaseWorker,
  CreateData,
  MirrorModel,
  QuickInfo,
  TextChange,
  WorkerContext,
} from './typescript-worker-base.ts';

const NO_PLAN: NotebookPlan = { order: [], missing: [] };
const OWN_NODE_TYPES = /\/node_modules\/@types\/node\/index\.d\.ts$/;

export class CellWorker extends TypeScriptWorker {
  readonly #context: WorkerContext;
  #base: BaseTypes;
  readonly #readBase: () => BaseTypes;
  readonly #chain = new NotebookChain(ts);
  #plan = NO_PLAN;
  #planVersion = -1;
  #seen = '';
  #version = 0;
  #libsVersion = 0;
  /** Fingerprints of the cells as last checked. */
  readonly #checked = new Map<string, string>();

  /** `readBase` gives no files while the server is gone: it is then asked again before the next check. */
  constructor(context: WorkerContext, data: CreateData, readBase: () => BaseTypes) {
    super(context, data);
    this.#context = context;
    this.#readBase = readBase;
    this.#base = readBase();
  }

  // ------------------------------------------------------------ the host of the language service

  /** Asked first by every question about the program; while it stays the same, nothing else is asked. */
  getProjectVersion(): string {
    this.#refresh();
    return `${this.#version} ${this.#libsVersion}`;
  }

  override getScriptFileNames(): string[] {
    this.#refresh();
    const libs = Object.keys(this._extraLibs).filter((name) => OWN_NODE_TYPES.test(name));
    return [...this.#chain.modules.keys(), ...this.#base.roots(libs.length === 0), ...libs];
  }

  override getScriptVersion(fileName: string): string {
    const module = this.#chain.modules.get(fileName);
    if (module) return String(module.revision);
    return this.#base.files.has(fileName) ? '1' : super.getScriptVersion(fileName);
  }

  override _getScriptText(fileName: string): string | undefined {
    const module = this.#chain.modules.get(fileName);
    if (module) return module.source + module.tail;
    return this.#base.files.get(fileName) ?? super._getScriptText(fileName);
  }

  override getScriptKind(fileName: string): number {
    const { JS, JSX, TS, TSX, JSON: Json } = ts.ScriptKind;
    const kinds: Record<string, number> = { js: JS, mjs: JS, cjs: JS, jsx: JSX, tsx: TSX, json: Json };
    return kinds[fileName.slice(fileName.lastIndexOf('.') + 1)] ?? TS;
  }

  /** Without it, looking for a package would try dozens of names in each of a path's folders. */
  directoryExists(path: string): boolean {
    if (NOTEBOOK_FOLDER.startsWith(path)) return true;
    if (path.startsWith(LIBRARY_FOLDER)) return this.#base.folders.has(path);
    const inside = `${path}/`;
    return Object.keys(this._extraLibs).some((name) => name.startsWith(inside));
  }

  override async updateExtraLibs(libs: CreateData['extraLibs']): Promise<void> {
    await super.updateExtraLibs(libs);
    this.#libsVersion += 1;
  }

  #refresh(): void {
    const models = new Map<string, MirrorModel>();
    let seen = '';
    for (const model of this.#context.getMirrorModels()) {
      const name = model.uri.toString();
      models.set(name, model);
      seen += `${name} ${model.version}\n`;
    }
    if (seen === this.#seen) return;
    this.#seen = seen;
    const plan = models.get(CHAIN_FILE);
    if (plan && plan.version !== this.#planVersion) {
      this.#planVersion = plan.version;
      this.#plan = JSON.parse(plan.getValue()) as NotebookPlan;
    }
    const cells = this.#plan.order.flatMap((cellId) => {
      const model = models.get(cellUri(cellId));
      return model ? [{ cellId, version: model.version, read: () => model.getValue() }] : [];
    });
    if (this.#chain.update(cells, this.#plan.active)) this.#version += 1;
  }

  // ------------------------------------------------------------ checking

  /** The cells, in order, that changed since they were checked, or use something that did. */
  async outdatedCells(): Promise<string[]> {
    if (this.#base.files.size === 0) this.#readBaseAgain();
    this.#refresh();
    return [...this.#chain.modules.values()]
      .filter((module) => this.#checked.get(module.cellId) !== this.#stateOf(module))
      .map(({ cellId }) => cellId);
  }

  #readBaseAgain(): void {
    this.#base = this.#readBase();
    if (this.#base.files.size === 0) return;
    this.#version += 1;
    this.#checked.clear();
  }

  async checkCell(cellId: string): Promise<CellMarker[]> {
    const name = cellUri(cellId);
    this.#refresh();
    const module = this.#chain.modules.get(name);
    if (!module) return [];
    this.#checked.set(cellId, this.#stateOf(module));
    const { source, syntaxErrors } = module;
    // Without the engine's names every cell would look wrong.
    if (syntaxErrors.length > 0 || this.#base.files.size === 0)
      return syntaxErrors.map((each) => cellMarker(ts, each, source));
    const missing = new Set(this.#plan.missing);
    const errors = this._languageService.getSemanticDiagnostics(name);
    const hints = this._languageService.getSuggestionDiagnostics(name);
    return [
      ...errors.filter((each) => !isFalseAlarm(each, source, missing)),
      ...hints.filter((each) => each.reportsDeprecated && (each.start ?? 0) < source.length),
    ].map((each) => cellMarker(ts, each, source));
  }

  #stateOf({ fingerprint }: CellModule): string {
    return `${fingerprint} ${this.#libsVersion} ${this.#plan.missing.join()}`;
  }

  // ------------------------------------------------------------ answers without what is behind the user's text

  #isShown = ({ fileName, textSpan }: { fileName: string; textSpan: { start: number; length: number } }) => {
    const module = this.#chain.modules.get(fileName);
    return !module || textSpan.start + textSpan.length <= module.source.length;
  };

  #ownEdits(fileName: string, edits: TextChange[] | undefined): TextChange[] {
    return (edits ?? []).filter(({ span }) => this.#isShown({ fileName, textSpan: span }));
  }

  /** A name of an earlier cell is an import only here: say what it is. */
  override async getQuickInfoAtPosition(fileName: string, position: number): Promise<QuickInfo | undefined> {
    const found = await super.getQuickInfoAtPosition(fileName, position);
    const parts = found?.displayParts;
    if (!parts || !cellIdOf(fileName) || parts[1]?.text !== 'alias') return found;
    const name = this.#chain.modules
      .get(fileName)
      ?.source.substr(found.textSpan.start, found.textSpan.length);
    const rest = parts.slice(parts[3]?.kind === 'space' ? 4 : 3);
    const end = rest.findIndex(
      ({ text }, i) => text === 'import' && rest[i + 2]?.text === name && i + 3 === rest.length,
    );
    return end > 0 ? { ...found, displayParts: rest.slice(0, end - 1) } : found;
  }

  override async getReferencesAtPosition(fileName: string, position: number) {
    return (await super.getReferencesAtPosition(fileName, position))?.filter(this.#isShown);
  }

  override async getDefinitionAtPosition(fileName: string, position: number) {
    return (await super.getDefinitionAtPosition(fileName, position))?.filter(this.#isShown);
  }

  override async findRenameLocations(...args: Parameters<BaseWorker['findRenameLocations']>) {
    return (await super.findRenameLocations(...args))?.filter(this.#isShown);
  }

  override async getDocumentHighlights(fileName: string, position: number, files: string[]) {
    const found = await super.getDocumentHighlights(fileName, position, files);
    return found?.map((each) => ({
      ...each,
      highlightSpans: each.highlightSpans.filter(({ textSpan }) =>
        this.#isShown({ fileName: each.fileName, textSpan }),
      ),
    }));
  }

  override async getFormattingEditsForDocument(fileName: string, options: object): Promise<TextChange[]> {
    const end = this.#lengthOf(fileName);
    return this.#ownEdits(fileName, await super.getFormattingEditsForRange(fileName, 0, end, options));
  }

  override async getFormattingEditsForRange(fileName: string, start: number, end: number, options: object) {
    this.#refresh();
    return this.#ownEdits(fileName, await super.getFormattingEditsForRange(fileName, start, end, options));
  }

  override async getFormattingEditsAfterKeystroke(
    fileName: string,
    at: number,
    key: string,
    options: object,
  ) {
    this.#refresh();
    return this.#ownEdits(fileName, await super.getFormattingEditsAfterKeystroke(fileName, at, key, options));
  }

  #lengthOf(fileName: string): number {
    this.#refresh();
    return this.#chain.modules.get(fileName)?.source.length ?? 0;
  }
}
