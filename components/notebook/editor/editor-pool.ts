'use client';
/**
 * The editors of a notebook: few instances that show one cell's model after the other. What belongs to a cell and not
 * to its text (cursor, selection, folds, scroll, height) is kept here while the cell has no editor.
 */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import type { CellModels } from '../cell-models.ts';
import { createEditor, type EditorHandlers, type EditorSlot } from '../create-editor.ts';
import type { Monaco } from '../monaco.ts';
import { CellMemories } from './cell-memories.ts';
import { shownHeight, shownHeightOf } from './editor-metrics.ts';

type Editor = MonacoApi.IStandaloneCodeEditor;

/** Instances kept for the next cell that needs one. */
const MAX_IDLE = 6;

interface Instance {
  editor: Editor;
  container: HTMLElement;
  slot: EditorSlot;
}

/**
 * Wrapping of one editor alone: `wordWrap` is a setting of the whole of Monaco, and thousands of models would be asked
 * whether it concerns them whenever an editor goes from text to code.
 */
export const wrapOf = (markdown: boolean) => (markdown ? 'on' : 'off');

export class EditorPool {
  readonly #monaco: Monaco;
  readonly #models: CellModels;
  readonly #idle: Instance[] = [];
  readonly #shown = new Map<string, Instance>();
  readonly #memory: CellMemories;
  #lineNumbers = false;
  #lightbulbs = false;

  constructor(monaco: Monaco, models: CellModels) {
    this.#monaco = monaco;
    this.#models = models;
    this.#memory = new CellMemories(models);
  }

  /**
   * Makes the first editor. A setting that an editor brings is one of the whole of Monaco, which then looks at every
   * model there is: best done before there are any.
   */
  warm(): void {
    this.#idle.push(this.#create());
  }

  /** Puts an editor for the cell into `host`, at once. Undefined when the cell has no model. */
  take(cellId: string, host: HTMLElement, handlers: { current: EditorHandlers }): Editor | undefined {
    const model = this.#models.get(cellId);
    if (!model) return undefined;
    this.give(cellId);
    const instance = this.#idle.pop() ?? this.#create();
    this.#shown.set(cellId, instance);
    instance.slot.current = handlers;
    host.append(instance.container);
    const { editor } = instance;
    const markdown = model.getLanguageId() === 'markdown';
    editor.updateOptions({
      ariaLabel: handlers.current.label,
      wordWrapOverride2: wrapOf(markdown),
      lineNumbers: this.#lineNumbers ? 'on' : 'off',
      lightbulb: this.#lightbulb,
    });
    editor.setModel(model);
    const state = this.#memory.get(cellId)?.state;
    if (state) editor.restoreViewState(state);
    instance.slot.fit();
    return editor;
  }

  /** Takes the cell's editor back; its view is remembered. */
  give(cellId: string): void {
    const instance = this.#shown.get(cellId);
    if (!instance) return;
    this.#shown.delete(cellId);
    const { editor, container, slot } = instance;
    const model = editor.getModel();
    if (model && !model.isDisposed()) {
      const height = shownHeight(editor.getContentHeight());
      this.#memory.set(cellId, { state: editor.saveViewState(), height, version: model.getVersionId() });
    }
    slot.current = undefined;
    editor.setModel(null);
    container.remove();
    if (this.#idle.length < MAX_IDLE) this.#idle.push(instance);
    else editor.dispose();
  }

  editorOf(cellId: string): Editor | undefined {
    return this.#shown.get(cellId)?.editor;
  }

  /** The height of the cell's text without an editor: what the editor measured, or what its lines make. */
  heightOf(cellId: string, text: string): number {
    const memory = this.#memory.get(cellId);
    if (memory && memory.version === this.#models.get(cellId)?.getVersionId()) return memory.height;
    return shownHeightOf(text);
  }

  get lineNumbers(): boolean {
    return this.#lineNumbers;
  }

  showLineNumbers(shown: boolean): void {
    this.#lineNumbers = shown;
    for (const { editor } of this.#shown.values())
      editor.updateOptions({ lineNumbers: shown ? 'on' : 'off' });
  }

  /** Until then the type service is not asked for quick fixes wherever the cursor goes, which would start it. */
  showLightbulbs(): void {
    this.#lightbulbs = true;
    for (const { editor } of this.#shown.values()) editor.updateOptions({ lightbulb: this.#lightbulb });
  }

  get #lightbulb(): MonacoApi.IEditorLightbulbOptions {
    const { ShowLightbulbIconMode: mode } = this.#monaco.editor;
    return { enabled: this.#lightbulbs ? mode.OnCode : mode.Off };
  }

  dispose(): void {
    for (const { editor } of [...this.#idle.splice(0), ...this.#shown.values()]) editor.dispose();
    this.#shown.clear();
    this.#memory.dispose();
  }

  #create(): Instance {
    const container = document.createElement('div');
    const slot: EditorSlot = { current: undefined, fit: () => undefined };
    return { container, slot, editor: createEditor(this.#monaco, container, slot) };
  }
}
