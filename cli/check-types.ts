/** Lets the TypeScript compiler check a chain of cells, written as files beside the notebook for as long as it takes. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { ACCEPTED_DIAGNOSTICS, CHECK_OPTIONS } from '../engine/cell-chain.ts';
import { StagelightError } from '../engine/errors.ts';
import type { CellPlace } from './error-text.ts';

export interface CheckedCell extends CellPlace {
  /** What the chain adds behind the cell's text. */
  tail: string;
}

export interface TypeProblem {
  /** Empty for the notebook itself, else the path of a module it imports. */
  file: string;
  line: number;
  column: number;
  code: string;
  message: string;
}

const ROOT = resolve(import.meta.dirname, '..');
/** Written by the build of the page; holds Node's types for where nobody installed them. */
const BUILT_TYPES = join(ROOT, 'public', 'types', 'stagelight.json');
/** From the files of a check back to the notebook's folder. */
const UP = '../../';
const RELATIVE_IMPORT = /((?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)["'])(?=\.{1,2}\/)/g;
const PROBLEM = /^(?:(.+)\((\d+),(\d+)\): )?(error) (TS\d+): (.*)$/;

/** Where `name` would be found from the notebook's folder, else from here. */
function findPackage(folder: string, name: string): string | undefined {
  for (const from of [join(folder, 'x.js'), join(ROOT, 'x.js')]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      // Not from there.
    }
  }
  return undefined;
}

async function nodeTypes(folder: string, work: string): Promise<string> {
  const installed = findPackage(folder, '@types/node');
  if (installed) return dirname(installed);
  if (!existsSync(BUILT_TYPES)) {
    throw new StagelightError('TYPES_MISSING', 'the types of Node are not installed', {
      hint: 'Install them: npm install -D @types/node',
    });
  }
  const { files } = JSON.parse(readFileSync(BUILT_TYPES, 'utf8')) as { files: Record<string, string> };
  for (const [path, text] of Object.entries(files)) {
    if (!path.startsWith('node_modules/')) continue;
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), text);
  }
  return join(work, 'node_modules', '@types');
}

export async function checkTypes(folder: string, cells: readonly CheckedCell[]): Promise<TypeProblem[]> {
  const compiler = findPackage(folder, 'typescript');
  if (!compiler) {
    throw new StagelightError('TYPESCRIPT_MISSING', 'TypeScript is not installed', {
      hint: 'Install it in the folder of the file: npm install -D typescript',
    });
  }
  const hidden = join(folder, '.stagelight');
  const wasThere = existsSync(hidden);
  const work = await makeFolder(hidden);
  try {
    const config = {
      compilerOptions: { ...CHECK_OPTIONS, types: ['node'], typeRoots: [await nodeTypes(folder, work)] },
      files: [join(ROOT, 'engine', 'globals.d.ts'), ...cells.map((_cell, i) => `cell-${i + 1}.ts`)],
    };
    await writeFile(join(work, 'tsconfig.json'), JSON.stringify(config));
    for (const [i, { source, tail }] of cells.entries())
      await writeFile(join(work, `cell-${i + 1}.ts`), source.replace(RELATIVE_IMPORT, `$1${UP}`) + tail);
    const output = await runCompiler(join(compiler, 'bin', 'tsc'), work);
    return problemsOf(output, folder, work, cells);
  } finally {
    await rm(work, { recursive: true, force: true });
    if (!wasThere) await rmdir(hidden).catch(() => undefined);
  }
}

async function makeFolder(hidden: string): Promise<string> {
  try {
    await mkdir(hidden, { recursive: true });
    return await mkdtemp(join(hidden, 'check-'));
  } catch (error) {
    throw new StagelightError(
      'CHECK_FOLDER',
      `nothing can be written beside the file: ${(error as Error).message}`,
      {
        hint: 'A check writes its cells as files for a moment: make the folder writable, or check a copy.',
        cause: error,
      },
    );
  }
}

function runCompiler(tsc: string, folder: string): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (complaint += chunk));
    child.on('error', failed);
    child.on('close', (code) => {
      if (code === 0 || /error TS\d+/.test(output)) return done(output);
      failed(
        new StagelightError('TYPESCRIPT_FAILED', `TypeScript ended with ${code}: ${complaint || output}`),
      );
    });
  });
}

function problemsOf(
  output: string,
  folder: string,
  work: string,
  cells: readonly CheckedCell[],
): TypeProblem[] {
  const problems: TypeProblem[] = [];
  let last: TypeProblem | undefined;
  for (const text of output.split(/\r?\n/)) {
    const match = PROBLEM.exec(text);
    if (!match) {
      // More of the message before, indented.
      if (last && /^\s+\S/.test(text)) last.message += `\n${text}`;
      continue;
    }
    const [, path, line, column, , code, message] = match;
    last = placeOf(path, Number(line), Number(column), { folder, work, cells });
    if (!last || ACCEPTED_DIAGNOSTICS.has(Number(code!.slice(2)))) {
      last = undefined;
      continue;
    }
    Object.assign(last, { code, message });
    problems.push(last);
  }
  return problems;
}

interface Place {
  folder: string;
  work: string;
  cells: readonly CheckedCell[];
}

/** The place in the notebook or in a module beside it; undefined for what the user did not write. */
function placeOf(
  path: string | undefined,
  line: number,
  column: number,
  { folder, work, cells }: Place,
): TypeProblem | undefined {
  if (path === undefined) return { file: '', line: 1, column: 1, code: '', message: '' };
  const absolute = resolve(work, path);
  const index = Number(/^cell-(\d+)\.ts$/.exec(relative(work, absolute))?.[1]);
  const cell = cells[index - 1];
  if (!cell) {
    const isOwn = !absolute.includes('/node_modules/') && !relative(folder, absolute).startsWith('..');
    return isOwn ? { file: absolute, line, column, code: '', message: '' } : undefined;
  }
  const written = cell.source.split('\n')[line - 1];
  if (written === undefined) return undefined;
  return {
    file: '',
    line: line + cell.lineOffset,
    column: originalColumn(written, column),
    code: '',
    message: '',
  };
}

/** Undoes the lengthening of relative imports before a column. */
function originalColumn(written: string, column: number): number {
  let shift = 0;
  for (const match of written.matchAll(RELATIVE_IMPORT))
    if (match.index + match[0].length + shift < column - 1) shift += UP.length;
  return Math.max(column - shift, 1);
}
