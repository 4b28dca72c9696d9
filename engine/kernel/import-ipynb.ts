/** A Jupyter notebook as cells and outputs. Code that is not TypeScript or JavaScript is kept as text. Pure. */
import { StagelightError } from '../errors.ts';
import type { CellOutput } from '../protocol.ts';
import {
  type CellWithOutputs,
  type JupyterCell,
  type JupyterOutput,
  joinText,
  type OutputExtra,
  RAW_MARKER,
} from './ipynb.ts';
import { importOutput } from './ipynb-outputs.ts';

export interface ImportedNotebook {
  cells: CellWithOutputs[];
  /** What could not be taken over as it was, a sentence each. */
  notes: string[];
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const OURS = new Set(['typescript', 'javascript', 'ts', 'js']);
/** A longer text could not be edited in a cell. */
const MAX_ATTACHMENT = 600_000;

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

function unreadable(message: string, hint: string): StagelightError {
  return new StagelightError('NOTEBOOK_FORMAT', message, { hint });
}

function parsed(text: string): { cells: unknown[]; metadata: Fields } {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    const conflict = /^<{7} /m.test(text);
    throw unreadable(
      conflict ? 'the Jupyter notebook holds merge conflicts' : 'this is no Jupyter notebook: it is not JSON',
      conflict ? 'Resolve them first, for example with nbdime.' : 'Upload a .ts or .ipynb notebook.',
    );
  }
  const notebook = fieldsOf(json);
  const { nbformat, cells } = notebook;
  if (typeof nbformat !== 'number')
    throw unreadable('this is no Jupyter notebook: it names no nbformat', 'Upload a .ts or .ipynb notebook.');
  if (nbformat !== 4 || !Array.isArray(cells)) {
    throw unreadable(
      `the Jupyter notebook has format ${nbformat}; only format 4 is read`,
      'Convert it with: jupyter nbconvert --to notebook --nbformat 4 FILE',
    );
  }
  return { cells, metadata: fieldsOf(notebook['metadata']) };
}

/** As the notebook names it; `typescript` when it names none and is one of ours. */
function languageOf(metadata: Fields): string {
  const info = fieldsOf(metadata['language_info'])['name'];
  const kernel = fieldsOf(metadata['kernelspec'])['language'];
  const name = typeof info === 'string' ? info : typeof kernel === 'string' ? kernel : 'python';
  return (name.trim() || 'python').toLowerCase().slice(0, 40);
}

/** Code of another language, in a fence longer than any in it. */
function fenced(source: string, language: string): string {
  const longest = Math.max(2, ...(source.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language.replace(/[^a-z0-9+#-]/g, '')}\n${source}\n${fence}`;
}

class Importer {
  readonly #language: string;
  readonly #isShowable: (output: CellOutput) => boolean;
  readonly #ids = new Set<string>();
  readonly #counts = { foreign: 0, foreignOutputs: 0, attachments: 0, outputs: 0, unknown: 0 };

  constructor(language: string, isShowable: (output: CellOutput) => boolean) {
    this.#language = language;
    this.#isShowable = isShowable;
  }

  cell(value: unknown, index: number): CellWithOutputs {
    const cell = fieldsOf(value) as Partial<JupyterCell> & Fields;
    const own = fieldsOf(fieldsOf(cell.metadata)['stagelight']);
    const marker = typeof own['marker'] === 'string' ? own['marker'].replace(/\s+/g, ' ').trim() : '';
    const base = { cellId: this.#id(cell.id, index), markerText: marker, outputs: [] };
    const source = joinText(cell.source).replaceAll('\r\n', '\n');
    if (cell.cell_type === 'markdown')
      return { ...base, kind: 'markdown', source: this.#withPictures(source, fieldsOf(cell.attachments)) };
    if (cell.cell_type === 'raw') {
      const lines = source.split('\n').map((line) => (line === '' ? '//' : `// ${line}`));
      const markerText = marker === '' ? RAW_MARKER : `${RAW_MARKER} ${marker}`;
      return { ...base, kind: 'code', source: lines.join('\n'), markerText };
    }
    if (cell.cell_type !== 'code') this.#counts.unknown += 1;
    const outputs = Array.isArray(cell.outputs) ? cell.outputs : [];
    if (!OURS.has(this.#language)) {
      this.#counts.foreign += 1;
      this.#counts.foreignOutputs += outputs.length;
      return { ...base, kind: 'markdown', source: fenced(source, this.#language) };
    }
    const count = cell.execution_count;
    return {
      ...base,
      kind: 'code',
      source,
      outputs: this.#outputs(outputs, own['outputs']),
      ...(typeof count === 'number' ? { executionCount: count } : {}),
      ...(own['stale'] === true ? { stale: true } : {}),
    };
  }

  notes(): string[] {
    const { foreign, foreignOutputs, attachments, outputs, unknown } = this.#counts;
    const name = this.#language[0]!.toUpperCase() + this.#language.slice(1);
    const say = (count: number, noun: string, rest: string) =>
      count > 0 ? [`${count} ${noun}${count === 1 ? '' : 's'} ${rest}`] : [];
    return [
      ...say(foreign, `${name} cell`, 'kept as text, since cells here are TypeScript.'),
      ...say(foreignOutputs, 'output', `of ${name} left out.`),
      ...say(attachments, 'picture', 'inside the text too large and left out.'),
      ...say(outputs, 'output', 'left out, of a kind that cannot be shown here.'),
      ...say(unknown, 'cell', 'of an unknown type read as code.'),
    ];
  }

  #id(id: unknown, index: number): string {
    const own = typeof id === 'string' && ID.test(id) ? [id] : [];
    let free = [...own, `cell-${index + 1}`].find((candidate) => !this.#ids.has(candidate));
    for (let n = 2; free === undefined; n++)
      if (!this.#ids.has(`cell-${index + 1}-${n}`)) free = `cell-${index + 1}-${n}`;
    this.#ids.add(free);
    return free;
  }

  #withPictures(source: string, attachments: Fields): string {
    return source.replace(/\]\(attachment:([^)\s]+)\)/g, (whole, name: string) => {
      const bundle = fieldsOf(attachments[name] ?? attachments[decoded(name)]);
      const mime = Object.keys(bundle).find((type) => /^image\/[a-z+.-]+$/.test(type));
      const base64 = mime === undefined ? '' : joinText(bundle[mime]).replace(/\s+/g, '');
      if (base64 !== '' && base64.length <= MAX_ATTACHMENT) return `](data:${mime};base64,${base64})`;
      this.#counts.attachments += 1;
      return whole;
    });
  }

  #outputs(outputs: unknown[], extras: unknown): CellOutput[] {
    const extra = (index: number): OutputExtra =>
      Array.isArray(extras) && extras.length === outputs.length ? fieldsOf(extras[index]) : null;
    return outputs.flatMap((output, index) => {
      const imported = importOutput(fieldsOf(output) as unknown as JupyterOutput, extra(index));
      const shown = imported && this.#isShowable(imported) ? [imported] : [];
      this.#counts.outputs += 1 - shown.length;
      return shown;
    });
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Outputs that `isShowable` refuses are left out, and said to be: what is ours in the file may be of anybody's making. */
export function importIpynb(
  text: string,
  isShowable: (output: CellOutput) => boolean = () => true,
): ImportedNotebook {
  const { cells, metadata } = parsed(text);
  const importer = new Importer(languageOf(metadata), isShowable);
  const imported = cells.map((cell, index) => importer.cell(cell, index));
  return { cells: imported, notes: importer.notes() };
}
