/** The one door to the parser: JavaScript text to an ESTree program, syntax errors to positions in the user's text. */
import { type ParseResult, type Program, parseSync } from 'oxc-parser';
import { StagelightError } from '../errors.ts';
import { lineStarts, originalPosition, positionAt, type SourceText } from './source-text.ts';

function hintFor(message: string): string {
  if (REDECLARED.test(message))
    return 'Give it another name, or assign to it. Only a later cell may declare it again.';
  if (/decorator/i.test(message)) return 'Decorators are not supported: call the function yourself.';
  if (/end of (file|input)|unexpected eof|Expected .* but found `?EOF/i.test(message)) {
    return 'Something is left open: look for a missing ), ] or }.';
  }
  return 'Correct the text at this position and run again.';
}

function syntaxError(
  message: string,
  where: { file: string; cellId?: string },
  at?: { line: number; column: number },
) {
  const text = message.split('\n')[0]?.trim() || 'the text is not valid TypeScript';
  return new StagelightError('SYNTAX', text, {
    hint: hintFor(message),
    position: { file: where.file, cellId: where.cellId, ...(at ?? { line: 1, column: 1 }) },
  });
}

interface FirstError {
  message: string;
  start: number;
}

function firstError(result: ParseResult): FirstError | undefined {
  const error = result.errors.find((each) => each.severity === 'Error');
  return error && { message: error.message, start: error.labels[0]?.start ?? 0 };
}

const REDECLARED = /has already been declared$/;

/** At the second declaration. */
function redeclaration(result: ParseResult): FirstError | undefined {
  const error = result.errors.find((each) => REDECLARED.test(each.message));
  return error && { message: error.message, start: error.labels.at(-1)?.start ?? 0 };
}

/** The stripper refused `source`: say so with the parser's words and position, else with the stripper's own. */
export function syntaxErrorOf(
  source: string,
  where: { file: string; cellId?: string },
  refusal: unknown,
): StagelightError {
  const error = firstError(parseSync('source.ts', source, { lang: 'ts', sourceType: 'module' }));
  if (error) return syntaxError(error.message, where, positionAt(lineStarts(source), error.start));
  return syntaxError(refusal instanceof Error ? refusal.message : String(refusal), where);
}

/** Parses JavaScript (types already blanked) as a module with top-level await. */
export function parseProgram(source: SourceText): Program {
  const result = parse(source);
  refuse(source, firstError(result));
  return result.program;
}

/** The same of a cell: its names become fields of the notebook's scope, so that V8 sees none that is declared twice. */
export function parseCell(source: SourceText): Program {
  const program = parseProgram(source);
  refuse(source, redeclaration(parse(source, true)));
  return program;
}

function parse({ text }: SourceText, showSemanticErrors = false): ParseResult {
  return parseSync('source.js', text, { lang: 'js', sourceType: 'module', showSemanticErrors });
}

function refuse(source: SourceText, error: FirstError | undefined): void {
  if (!error) return;
  const position = originalPosition(source, positionAt(lineStarts(source.text), error.start));
  throw syntaxError(error.message, source, position);
}

/** V8 refused what the parser let through (early errors): its words at the mapped position. */
export function syntaxErrorAt(
  error: unknown,
  source: SourceText,
  script: string,
  map: (position: { line: number; column: number }) => { line: number; column: number },
): StagelightError {
  const { message, stack } = error as Error;
  const line = stack?.startsWith(`${script}:`)
    ? Number(/^\d+/.exec(stack.slice(script.length + 1))?.[0])
    : undefined;
  const caret = stack?.split('\n')[2]?.indexOf('^') ?? -1;
  return syntaxError(message, source, line && caret >= 0 ? map({ line, column: caret + 1 }) : undefined);
}
