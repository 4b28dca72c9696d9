/**
 * Cells as chained modules, so that a type checker understands a notebook: each cell gets, after its own text (no
 * position moves), imports of the names that earlier cells define and an export of its own. A later cell may declare a
 * name again; a cell sees the last definition before it. The page's type service and `stagelight check` both use this.
 */

/**
 * What a type checker reports and a cell accepts when it runs. Types nobody wrote are `any` (7005 and the others): with
 * `noImplicitAny` on, `let best = null` still gets its type from what is assigned. JavaScript without types is fine
 * (7016), so are modules for other targets (1202, 1203) and augmenting what has no types (2664, 2665).
 */
export const ACCEPTED_DIAGNOSTICS: ReadonlySet<number> = new Set([
  1202, 1203, 2664, 2665, 2683, 7005, 7006, 7008, 7010, 7011, 7013, 7015, 7016, 7017, 7018, 7019, 7020, 7022,
  7023, 7024, 7031, 7032, 7033, 7034, 7041, 7050, 7051, 7052, 7053, 7056, 7057,
]);

/** How cells are checked, as compiler options: strictly, but an error that was caught may be used as it is. */
export const CHECK_OPTIONS = {
  target: 'esnext',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['esnext'],
  strict: true,
  useUnknownInCatchVariables: false,
  allowJs: true,
  checkJs: false,
  noEmit: true,
  skipLibCheck: true,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
  allowSyntheticDefaultImports: true,
  esModuleInterop: true,
} as const;

/** Cannot find module, in its several wordings: an error of a cell only if running the import would fail, too. */
export const MODULE_NOT_FOUND: ReadonlySet<number> = new Set([2307, 2792, 2834, 2835, 2882, 6137]);

/** What a name stands for, as bits: a value, a type, or both. */
export const VALUE = 1;
export const TYPE = 2;

export interface CellNames {
  /** Top-level names of the cell's text, with what they stand for. */
  declared: ReadonlyMap<string, number>;
  /** Those that later cells do not get: `using` declarations, whose values are gone when the cell ends. */
  local: ReadonlySet<string>;
  /** Names that the text exports by itself. */
  exported: ReadonlySet<string>;
  /** Every identifier in the text, wherever. */
  used: ReadonlySet<string>;
  /** Names that the text gives a new value: imports could not be assigned. */
  assigned: ReadonlySet<string>;
}

export interface ChainCell {
  /** How other cells import this one. */
  specifier: string;
  names: CellNames;
  /** Import every name there is, used or not: the completion of the cell being edited lists them. */
  everything?: boolean;
}

export interface ChainTail {
  /** Goes behind the cell's text. */
  text: string;
  /** Indices of the cells it imports from. */
  providers: number[];
}

const IDENTIFIER = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;

/** Every word of a text that could be a name. */
export function identifiersIn(text: string): Set<string> {
  return new Set(text.match(IDENTIFIER) ?? []);
}

interface Visible {
  provider: number;
  meaning: number;
}

/** The names a cell takes from earlier ones: those it uses and does not declare, or declares only the other half of. */
function importsOf({ names, everything }: ChainCell, visible: ReadonlyMap<string, Visible>) {
  const byProvider = new Map<number, string[]>();
  const candidates = everything ? new Set([...visible.keys(), ...names.used]) : names.used;
  for (const name of candidates) {
    const found = visible.get(name);
    if (!found || (names.declared.get(name) ?? 0) & found.meaning || names.local.has(name)) continue;
    const list = byProvider.get(found.provider);
    if (list) list.push(name);
    else byProvider.set(found.provider, [name]);
  }
  return byProvider;
}

export function chainCells(cells: readonly ChainCell[]): ChainTail[] {
  const visible = new Map<string, Visible>();
  return cells.map((cell, index) => {
    const { declared, local, exported, assigned } = cell.names;
    const imports = importsOf(cell, visible);
    let text = '\n;export {};';
    for (const [provider, names] of imports) {
      const isVariable = (name: string) =>
        assigned.has(name) && ((cells[provider]!.names.declared.get(name) ?? 0) & VALUE) !== 0;
      const entries = names.map((name) => (isVariable(name) ? `${name} as $$${name}` : name));
      text += `\nimport { ${entries.join(', ')} } from '${cells[provider]!.specifier}';`;
      for (const name of names.filter(isVariable)) text += `\ndeclare let ${name}: typeof $$${name};`;
    }
    const own = [...declared.keys()].filter((name) => !local.has(name) && !exported.has(name));
    if (own.length > 0) text += `\nexport { ${own.join(', ')} };`;
    for (const [name, meaning] of declared) {
      if (local.has(name)) continue;
      const before = visible.get(name)?.meaning ?? 0;
      visible.set(name, { provider: index, meaning: before & meaning ? meaning : before | meaning });
    }
    return { text: `${text}\n`, providers: [...imports.keys()] };
  });
}
