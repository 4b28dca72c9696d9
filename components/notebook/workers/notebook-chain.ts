/**
 * The chained modules of the open notebook, kept up with the texts: what each cell's module is, when it last changed,
 * and which cells must be checked again because something they depend on has.
 */
import { type CellNames, chainCells } from '../../../engine/cell-chain.ts';
import { cellUri } from '../editor/cell-uri.ts';
import { cellNames } from './cell-names.ts';
import type { TsDiagnostic, TypeScriptApi } from './typescript-api.ts';

export interface CellModule {
  cellId: string;
  /** The user's text alone. */
  source: string;
  tail: string;
  names: CellNames;
  /** Errors of the user's text alone: what follows it would change their place. */
  syntaxErrors: TsDiagnostic[];
  /** Of the model that `source` was read from. */
  modelVersion: number;
  /** Grows whenever the module's text does change. */
  revision: number;
  /** Two equal ones mean: this cell and all it depends on are the same. */
  fingerprint: string;
}

export interface CellSource {
  cellId: string;
  version: number;
  read(): string;
}

export class NotebookChain {
  readonly #ts: TypeScriptApi;
  #modules = new Map<string, CellModule>();
  #revisions = 0;

  constructor(ts: TypeScriptApi) {
    this.#ts = ts;
  }

  /** By file name, in the order of the notebook. */
  get modules(): ReadonlyMap<string, CellModule> {
    return this.#modules;
  }

  /** Takes the code cells in order; `active` is the one being edited. True when any module is another than before. */
  update(cells: readonly CellSource[], active: string | undefined): boolean {
    const before = this.#modules;
    const parsed = cells.map((cell) => this.#parse(cell));
    const tails = chainCells(
      parsed.map(({ cellId, names }) => ({
        specifier: `./cell.${cellId}`,
        names,
        everything: cellId === active,
      })),
    );
    let changed = parsed.length !== before.size;
    const after: CellModule[] = [];
    parsed.forEach((each, index) => {
      const { text: tail, providers } = tails[index]!;
      const old = before.get(cellUri(each.cellId));
      const same = old?.source === each.source && old.tail === tail;
      if (!same) changed = true;
      const revision = same ? old.revision : ++this.#revisions;
      const fingerprint = hash(`${each.source}\n${each.used(providers, after)}`);
      after.push({ ...each, tail, revision, fingerprint });
    });
    this.#modules = new Map(after.map((each) => [cellUri(each.cellId), each]));
    return changed;
  }

  #parse({ cellId, version, read }: CellSource) {
    const old = this.#modules.get(cellUri(cellId));
    /** Providers count by the names that the text uses: what completion imports besides is no reason to check again. */
    const used = (names: CellNames) => (providers: number[], modules: CellModule[]) =>
      providers
        .flatMap((at) => {
          const provider = modules[at]!;
          const taken = [...provider.names.declared.keys()].some((name) => names.used.has(name));
          return taken ? [`${provider.cellId} ${provider.fingerprint}`] : [];
        })
        .join('\n');
    if (old?.modelVersion === version) return { ...old, used: used(old.names) };
    const source = read();
    if (old?.source === source) return { ...old, modelVersion: version, used: used(old.names) };
    const file = this.#ts.createSourceFile(cellUri(cellId), source, { languageVersion: 99 }, false);
    const names = cellNames(this.#ts, file, source);
    const syntaxErrors = file.parseDiagnostics;
    return { cellId, source, names, syntaxErrors, modelVersion: version, used: used(names) };
  }
}

/** FNV-1a over UTF-16 units, twice with different seeds: 64 bits are enough to tell versions of a notebook apart. */
function hash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x01234567;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x01000193);
  }
  return `${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}`;
}
