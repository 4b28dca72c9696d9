/** `stagelight convert FILE`: a notebook to Jupyter's format, to one HTML file, or from Jupyter's to ours. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StagelightError } from '../engine/errors.ts';
import { importIpynb } from '../engine/kernel/import-ipynb.ts';
import type { CellWithOutputs } from '../engine/kernel/ipynb.ts';
import { serializeNotebook } from '../engine/kernel/notebook-file.ts';
import { convertNotebook, EXPORT_FORMATS, isExportFormat, withOutputs } from '../server/export-notebook.ts';
import { outputsFileOf } from '../server/file-tree.ts';
import { outputsText } from '../server/import-notebook.ts';
import { NotebookFiles } from '../server/notebook-files.ts';
import { NotebookStore } from '../server/notebook-store.ts';

const CONVERT_USAGE = `stagelight convert FILE [options]
  FILE                a notebook (.ts) or a Jupyter notebook (.ipynb)
  --to ipynb|html|ts  the format to make (default: ipynb of a .ts file, ts of an .ipynb file)
  -o, --output OUT    where to write; "-" prints it (default: FILE with the other ending)
  --force             replace what is there`;

interface ConvertOptions {
  file: string;
  to: (typeof EXPORT_FORMATS)[number];
  out: string;
  force: boolean;
}

function invalid(message: string): StagelightError {
  return new StagelightError('OPTION_INVALID', message, { hint: CONVERT_USAGE });
}

function parseOptions(argv: string[]): ConvertOptions | undefined {
  let parsed: ReturnType<typeof parse>;
  const parse = () =>
    parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        to: { type: 'string' },
        output: { type: 'string', short: 'o' },
        force: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  try {
    parsed = parse();
  } catch (error) {
    throw invalid((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) return undefined;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw invalid('name one FILE');
  if (!/\.(ts|ipynb)$/i.test(file)) throw invalid(`"${file}" is neither a .ts nor an .ipynb file`);
  const to = values.to ?? (/\.ts$/i.test(file) ? 'ipynb' : 'ts');
  if (!isExportFormat(to)) throw invalid(`--to is "${to}": give one of ${EXPORT_FORMATS.join(', ')}`);
  const out = values.output ?? file.replace(/\.\w+$/, `.${to}`);
  return { file, to, out, force: values.force === true };
}

async function readCells(file: string): Promise<{ cells: CellWithOutputs[]; notes: string[] }> {
  const path = resolve(file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new StagelightError('INPUT_NOT_FOUND', `there is no file ${file}`, {
      hint: 'Name a .ts or .ipynb notebook.',
    });
  }
  if (/\.ipynb$/i.test(file)) return importIpynb(readFileSync(path, 'utf8'));
  const store = new NotebookStore(new NotebookFiles(dirname(path), dirname(path)));
  const { session, view } = await store.open(basename(path));
  return { cells: withOutputs(session.cells, view), notes: [] };
}

export async function runConvert(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (!options) {
    process.stdout.write(`${CONVERT_USAGE}\n`);
    return 0;
  }
  const { file, to, out, force } = options;
  const { cells, notes } = await readCells(file);
  const name = basename(out === '-' ? file : out).replace(/\.\w+$/, '.ts');
  const text = to === 'ts' ? serializeNotebook({ cells, eol: '\n' }) : convertNotebook(cells, name, to);
  for (const note of notes) process.stderr.write(`stagelight: ${note}\n`);
  if (out === '-') {
    process.stdout.write(text);
    return 0;
  }
  const target = resolve(out);
  try {
    writeFileSync(target, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new StagelightError('FILE_EXISTS', `${out} exists already`, {
      hint: 'Name another with -o, or replace it with --force.',
    });
  }
  if (to === 'ts' && cells.some(({ outputs }) => outputs.length > 0)) {
    const outputs = outputsFileOf(target);
    mkdirSync(dirname(outputs), { recursive: true });
    writeFileSync(outputs, outputsText(cells, basename(target)));
  }
  process.stderr.write(`stagelight: wrote ${out}\n`);
  return 0;
}
