/** What a cell defines and what it takes from other cells, found in its text alone: nothing runs. */
import { errorToData } from '../errors.ts';
import type { ErrorData } from '../protocol.ts';
import { BUILTINS } from './builtins.ts';
import { parseCell } from './parse.ts';
import { analyze } from './scope-walk.ts';
import { type Analysis, IMPORT_META } from './scopes.ts';
import { toJavaScript } from './source-text.ts';

export interface CellAnalysis {
  /** Names that later cells can use: declared at the top level, imported, or assigned there though another cell's. */
  definitions: string[];
  /** Names used though this text does not declare them, in order of their first use. */
  references: string[];
  /** The text is no TypeScript: nothing is known of it. */
  error?: ErrorData;
}

export function analyzeCell(source: string, cellId: string): CellAnalysis {
  try {
    const text = toJavaScript(source, { file: `cell:${cellId}`, cellId });
    return namesOf(analyze(parseCell(text)));
  } catch (error) {
    return { definitions: [], references: [], error: errorToData(error) };
  }
}

function namesOf(analysis: Analysis): CellAnalysis {
  const definitions = new Set<string>();
  const references = new Set<string>();
  for (const { name, kind } of analysis.root.names.values()) if (kind !== 'using') definitions.add(name);
  for (const { name, binding, write, fn } of analysis.references.values()) {
    if (binding || BUILTINS.has(name) || name === IMPORT_META || name === 'arguments') continue;
    references.add(name);
    // `count += 1` gives another cell's variable a new value: what comes after takes it from here.
    if (write && fn === analysis.root.fn) definitions.add(name);
  }
  return { definitions: [...definitions], references: [...references] };
}
