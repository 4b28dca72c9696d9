'use client';
/**
 * Keeps the type service at one with the notebook: the order of its cells, the declarations of what they import, and,
 * after each pause in editing, the markers of the cells whose types may have changed. The service takes seconds of a
 * core to start: a page that was opened to run something starts it when nothing runs, somebody writes, or asks for a type.
 */
import type { editor as MonacoApi, Uri } from 'monaco-editor/editor';
import type { NotebookSession } from '../../session/notebook-session.ts';
import type { PublishedView } from '../../session/published-view.ts';
import type { CellModels } from '../cell-models.ts';
import type { Monaco } from '../monaco.ts';
import type { NotebookUi } from '../notebook-ui.ts';
import { cellUri } from './cell-uri.ts';
import { importSpecifiers } from './import-specifiers.ts';
import { PackageLibrary } from './package-library.ts';
import { type CellMarker, CHAIN_FILE, type NotebookPlan, type TypeService } from './type-protocol.ts';

/** Checking waits for a pause of this length in editing. */
const PAUSE_MS = 350;
/** The first check of a page waits for so long a time without a run. */
const QUIET_MS = 1000;
const OWNER = 'typescript';

/** Whether the kernel works, or is about to. */
function isBusy(view: PublishedView | undefined): boolean {
  if (view === undefined) return false;
  const { status } = view.kernel;
  return view.queue.length > 0 || (status !== 'none' && status !== 'idle' && status !== 'dead');
}

export interface CellTypesOptions {
  monaco: Monaco;
  session: NotebookSession;
  ui: NotebookUi;
  models: CellModels;
  /** Cells on the screen are checked first. */
  isShown: (cellId: string) => boolean;
  /** The service starts: from now on it may be asked without being needed. */
  onBegin: () => void;
}

export class CellTypes {
  readonly #options: CellTypesOptions;
  readonly #plan: MonacoApi.ITextModel;
  readonly #library: PackageLibrary;
  readonly #specifiers = new Map<string, { version: number; found: string[] }>();
  #stops: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with every change: a round of checking begun before it is given up. */
  #round = 0;
  #stopped = false;
  /** Whether the service has started, or is to. */
  #begun = false;
  /** Whether the service has answered. */
  #started = false;

  constructor(options: CellTypesOptions) {
    const { monaco, session } = options;
    this.#options = options;
    const uri = monaco.Uri.parse(CHAIN_FILE);
    monaco.editor.getModel(uri)?.dispose();
    this.#plan = monaco.editor.createModel(JSON.stringify({ order: [], missing: [] }), 'typescript', uri);
    this.#library = new PackageLibrary(
      (specifiers) => session.packageTypes(specifiers),
      (files) => monaco.typescript.typescriptDefaults.setExtraLibs(files),
    );
  }

  start(): void {
    const { monaco, session, ui, models } = this.#options;
    const again = () => {
      this.#library.forget();
      this.#later();
    };
    window.addEventListener('focus', again);
    this.#stops = [
      ...this.#watchQuestions(),
      models.onChange((cellId, isText) => {
        const model = models.get(cellId);
        // Text that was code a moment ago.
        if (model && model.getLanguageId() !== 'typescript') monaco.editor.setModelMarkers(model, OWNER, []);
        // A cell that comes is nobody's writing: one does with every run of the last cell.
        if (isText) this.#begin();
        this.#later();
      }),
      session.store.subscribe((state, before) => {
        if (state.view?.cellOrder !== before.view?.cellOrder || state.joined !== before.joined) this.#later();
        else if (!this.#begun && isBusy(state.view) !== isBusy(before.view)) this.#later();
      }),
      ui.subscribe((state, before) => {
        if (state.selectedCellId !== before.selectedCellId || state.mode !== before.mode) this.#writePlan();
      }),
      () => window.removeEventListener('focus', again),
    ];
    this.#writePlan();
    this.#later();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
    this.#plan.dispose();
  }

  /** Asks the service, which then knows the cells as they are now. */
  async service(): Promise<TypeService> {
    const { monaco } = this.#options;
    this.#begin();
    this.#writePlan();
    const connect = await monaco.typescript.getTypeScriptWorker();
    const cells = this.#order().map((cellId) => monaco.Uri.parse(cellUri(cellId)));
    const service = await connect(...([this.#plan.uri, ...cells] as Uri[]));
    this.#started = true;
    return service as unknown as TypeService;
  }

  #order(): string[] {
    const { view } = this.#options.session.store.getState();
    return (view?.cellOrder ?? []).filter((cellId) => view?.cells.get(cellId)?.kind === 'code');
  }

  #writePlan(): void {
    if (this.#stopped) return;
    const { selectedCellId, mode } = this.#options.ui.getState();
    const plan: NotebookPlan = {
      order: this.#order(),
      missing: this.#library.missing,
      ...(mode === 'edit' && { active: selectedCellId }),
    };
    const text = JSON.stringify(plan);
    if (text !== this.#plan.getValue()) this.#plan.setValue(text);
  }

  /**
   * Who hovers over a name, asks for completion or goes to a definition while a cell runs gets the markers, too. Asked
   * beside Monaco's own providers, and not where the service is made: that may have been for a notebook shown before.
   */
  #watchQuestions(): (() => void)[] {
    const { languages } = this.#options.monaco;
    const asked = () => {
      if (this.#begun) return undefined;
      this.#begin();
      this.#later();
      return undefined;
    };
    const watches = [
      languages.registerHoverProvider('typescript', { provideHover: asked }),
      languages.registerCompletionItemProvider('typescript', { provideCompletionItems: asked }),
      languages.registerDefinitionProvider('typescript', { provideDefinition: asked }),
    ];
    return watches.map((watch) => () => watch.dispose());
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#options.onBegin();
  }

  #later(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
    const { view, connected } = this.#options.session.store.getState();
    if (!this.#begun && isBusy(view)) return;
    // The service and the engine's types come from the server; the later markers need it no more.
    if (!this.#started && !connected) return;
    const pause = this.#begun ? PAUSE_MS : QUIET_MS;
    this.#timer = setTimeout(() => void this.#check().catch(console.error), pause);
  }

  async #check(): Promise<void> {
    const round = this.#round;
    const isOver = () => this.#stopped || round !== this.#round;
    const { isShown } = this.#options;
    if (await this.#library.ask(this.#imports())) {
      this.#writePlan();
      this.#later();
      return;
    }
    const service = await this.service();
    const outdated = await service.outdatedCells();
    const rank = (cellId: string) => (isShown(cellId) ? 0 : 1);
    for (const cellId of outdated.sort((a, b) => rank(a) - rank(b))) {
      if (isOver()) return;
      const model = this.#options.models.get(cellId);
      const version = model?.getVersionId();
      const markers = await service.checkCell(cellId);
      if (model && !model.isDisposed() && model.getVersionId() === version) this.#mark(model, markers);
    }
  }

  #imports(): Set<string> {
    const all = new Set<string>();
    for (const cellId of this.#order()) {
      const model = this.#options.models.get(cellId);
      if (!model) continue;
      const version = model.getVersionId();
      let known = this.#specifiers.get(cellId);
      if (known?.version !== version) {
        known = { version, found: importSpecifiers(model.getValue()) };
        this.#specifiers.set(cellId, known);
      }
      for (const each of known.found) all.add(each);
    }
    return all;
  }

  #mark(model: MonacoApi.ITextModel, markers: CellMarker[]): void {
    const { monaco } = this.#options;
    const { MarkerSeverity, MarkerTag } = monaco;
    monaco.editor.setModelMarkers(
      model,
      OWNER,
      markers.map(({ start, end, code, message, isError, isDeprecated }) => {
        const from = model.getPositionAt(start);
        const to = model.getPositionAt(end);
        return {
          startLineNumber: from.lineNumber,
          startColumn: from.column,
          endLineNumber: to.lineNumber,
          endColumn: to.column,
          message,
          code: String(code),
          source: 'TypeScript',
          severity: isError
            ? MarkerSeverity.Error
            : isDeprecated
              ? MarkerSeverity.Hint
              : MarkerSeverity.Warning,
          tags: isDeprecated ? [MarkerTag.Deprecated] : [],
        };
      }),
    );
  }
}
