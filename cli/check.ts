/** `stagelight check FILE…`: the types of notebooks and job scripts, their cells as chained modules, by TypeScript. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseSync } from 'oxc-parser';
import { type ChainCell, chainCells } from '../engine/cell-chain.ts';
import { lineStarts, positionAt } from '../engine/closure/source-text.ts';
import { StagelightError } from '../engine/errors.ts';
import { cellNames } from './cell-names.ts';
import { placeCells } from './cell-places.ts';
import { type CheckedCell, checkTypes, type TypeProblem } from './check-types.ts';
import type { CellPlace } from './error-text.ts';

const CHECK_USAGE = `stagelight check FILE…
  FILE   a TypeScript notebook or script; its types are checked, nothing runs. Exit code 1 when there are errors.
         Needs TypeScript in the file's folder or beside Stagelight: npm install -D typescript`;

function invalid(message: string): StagelightError {
  return new StagelightError('OPTION_INVALID', message, { hint: CHECK_USAGE });
}

export async function runCheck(argv: string[]): Promise<number> {
  let parsed: ReturnType<
    typeof parseArgs<{ args: string[]; allowPositionals: true; options: typeof OPTIONS }>
  >;
  try {
    parsed = parseArgs({ args: argv, allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw invalid((error as Error).message);
  }
  if (parsed.values.help) {
    process.stdout.write(`${CHECK_USAGE}\n`);
    return 0;
  }
  if (parsed.positionals.length === 0) throw invalid('no file to check is named');
  let errors = 0;
  for (const file of parsed.positionals) {
    for (const problem of await checkFile(file)) {
      errors += 1;
      process.stdout.write(`${problemText(problem)}\n`);
    }
  }
  const files = parsed.positionals.length;
  const found = errors === 0 ? 'no errors' : `${errors} ${errors === 1 ? 'error' : 'errors'}`;
  process.stderr.write(`${found} in ${files} ${files === 1 ? 'file' : 'files'}\n`);
  return errors === 0 ? 0 : 1;
}

const OPTIONS = { help: { type: 'boolean', short: 'h' } } as const;

function problemText({ file, line, column, code, message }: TypeProblem): string {
  return `${file}:${line}:${column}: ${code ? `${code}: ` : ''}${message}`;
}

async function checkFile(file: string): Promise<TypeProblem[]> {
  const path = resolve(file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new StagelightError('INPUT_NOT_FOUND', `there is no file ${file}`, {
      hint: 'Name a .ts script or notebook.',
    });
  }
  const cells = placeCells(readFileSync(path, 'utf8'), path);
  const parsed = cells.map((cell) => {
    const { program, errors } = parseSync('cell.ts', cell.source, { lang: 'ts', sourceType: 'module' });
    return { cell, program, errors };
  });
  // Types of a text that cannot be read would be guesses.
  const syntax = parsed.flatMap(({ cell, errors }) => syntaxProblems(file, cell, errors));
  if (syntax.length > 0) return syntax;
  const chain = parsed.map(
    ({ cell, program }, i): ChainCell => ({
      specifier: `./cell-${i + 1}.ts`,
      names: cellNames(program, cell.source),
    }),
  );
  const tails = chainCells(chain);
  const checked = cells.map((cell, i): CheckedCell => ({ ...cell, tail: tails[i]!.text }));
  const found = await checkTypes(dirname(path), checked);
  return found.map((problem) => ({
    ...problem,
    file: problem.file === '' ? file : relative(process.cwd(), problem.file),
  }));
}

type ParseErrors = ReturnType<typeof parseSync>['errors'];

function syntaxProblems(file: string, { source, lineOffset }: CellPlace, errors: ParseErrors): TypeProblem[] {
  const starts = lineStarts(source);
  return errors
    .filter(({ severity }) => severity === 'Error')
    .map(({ message, labels }) => {
      const { line, column } = positionAt(starts, labels[0]?.start ?? 0);
      return { file, line: line + lineOffset, column, code: '', message };
    });
}
