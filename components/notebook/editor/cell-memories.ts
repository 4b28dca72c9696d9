/** What belongs to a cell and not to its text, kept while no editor shows the cell, and forgotten with it. */
import type { editor as MonacoApi } from 'monaco-editor/editor';

export interface CellMemory {
  /** Cursor, selection, folds, scroll. */
  state: MonacoApi.ICodeEditorViewState | null;
  height: number;
  /** The text that the height was measured for. */
  version: number;
}

/** The models of the cells there are. */
interface Models {
  get(cellId: string): unknown;
  onChange(listener: (cellId: string) => void): () => void;
}

export class CellMemories {
  readonly #memories = new Map<string, CellMemory>();
  readonly #unsubscribe: () => void;

  constructor(models: Models) {
    this.#unsubscribe = models.onChange((cellId) => {
      if (!models.get(cellId)) this.#memories.delete(cellId);
    });
  }

  get size(): number {
    return this.#memories.size;
  }

  get(cellId: string): CellMemory | undefined {
    return this.#memories.get(cellId);
  }

  set(cellId: string, memory: CellMemory): void {
    this.#memories.set(cellId, memory);
  }

  dispose(): void {
    this.#memories.clear();
    this.#unsubscribe();
  }
}
