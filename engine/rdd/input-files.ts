/** Which files a path argument means: a file, a directory, a glob, or several of them separated by commas. */
import { globSync, lstatSync, readdirSync, type Stats, statfsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StagelightError } from '../errors.ts';

export interface InputFile {
  path: string;
  size: number;
}

/** Hadoop's rule: names that begin with `_` or `.` are bookkeeping, not data. */
function isHidden(name: string): boolean {
  return name.startsWith('_') || name.startsWith('.');
}

/** Splits at commas outside braces, so that `{a,b}.txt` stays one pattern. */
export function splitPaths(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '{') depth++;
    else if (c === '}') depth = Math.max(0, depth - 1);
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The files meant by `path`, in order of their names within each part; relative parts start at `base`. */
export function listInputFiles(path: string, base: string, operator: string): InputFile[] {
  if (typeof path !== 'string') {
    throw new StagelightError('INVALID_ARGUMENT', `${operator}: expected a path, got ${String(path)}`, {
      hint: 'Name a file, a folder or a pattern such as "logs/*.txt"; several are separated by commas.',
    });
  }
  const parts = splitPaths(path);
  if (parts.length === 0) throw notFound(operator, path, base);
  return parts.flatMap((part) => {
    try {
      const files = filesOfPart(part.startsWith('file://') ? fileURLToPath(part) : part, base);
      if (files) return files;
    } catch (failure) {
      if (failure instanceof StagelightError) throw failure;
      throw new StagelightError(
        'INPUT_UNREADABLE',
        `${operator}: "${part}" cannot be read: ${messageOf(failure)}`,
        {
          hint: 'Check the permissions of the file and of the folders above it.',
          cause: failure,
        },
      );
    }
    throw notFound(operator, part, base);
  });
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

/** A name that exists is taken literally, whatever characters it has; undefined when nothing is there. */
function filesOfPart(part: string, base: string): InputFile[] | undefined {
  const absolute = resolve(base, part);
  const stats = statOf(absolute);
  if (stats) return filesOf(absolute, stats, true);
  const matches = globSync(part, { cwd: base })
    .filter((match) => !isHidden(basename(match)))
    .sort();
  if (matches.length === 0) return undefined;
  return matches.map((match) => resolve(base, match)).flatMap((match) => filesOf(match, statOf(match), true));
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** A file itself, or the visible files directly in a directory; deeper directories are not entered. */
function filesOf(path: string, stats: Stats | undefined, enter: boolean): InputFile[] {
  if (stats?.isFile()) {
    if (isGenerated(path, stats)) throw notAFile(path, 'a file that the system makes up while it is read');
    return [{ path, size: stats.size }];
  }
  if (stats !== undefined && !stats.isDirectory()) throw notAFile(path, specialKind(stats));
  if (stats === undefined && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new StagelightError('INPUT_NOT_FOUND', `${path} is a link to a file that does not exist`, {
      hint: 'Mend the link, or remove it.',
    });
  }
  if (!stats?.isDirectory() || !enter) return [];
  return readdirSync(path)
    .filter((name) => !isHidden(name))
    .sort()
    .flatMap((name) => filesOf(join(path, name), statOf(join(path, name)), false));
}

function specialKind(stats: Stats): string {
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** Of procfs, sysfs, debugfs, tracefs: their files have no size, or one that is not that of their content. */
const GENERATED = new Set([0x9fa0, 0x62656572, 0x64626720, 0x74726163]);

/** Only such sizes are looked into: all these file systems claim nothing or a page. */
function isGenerated(path: string, { size }: Stats): boolean {
  return (size === 0 || size === 4096) && GENERATED.has(statfsSync(path).type);
}

function notAFile(path: string, kind: string): StagelightError {
  return new StagelightError('INPUT_NOT_A_FILE', `${path} is ${kind}, not a file that can be read twice`, {
    hint: 'A partition may have to be computed again: copy what it gives into a file, and read that.',
  });
}

function notFound(operator: string, path: string, base: string): StagelightError {
  return new StagelightError(
    'INPUT_NOT_FOUND',
    `${operator}: no file matches "${path}" (relative paths start at ${base})`,
    {
      hint: `Check the name, or pass an absolute path. ${contentsOf(base)}`,
    },
  );
}

function contentsOf(folder: string): string {
  const shown = 8;
  try {
    const names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !isHidden(entry.name))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort();
    if (names.length === 0) return 'That folder is empty.';
    const more = names.length > shown ? ` and ${names.length - shown} more` : '';
    return `That folder has ${names.slice(0, shown).join(', ')}${more}.`;
  } catch {
    return 'That folder cannot be read.';
  }
}
