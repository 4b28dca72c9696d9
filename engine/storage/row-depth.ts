/** Rows nested too deeply for those who go down into them by calls (files of text, of JSON and of Parquet), and what is said of them. */
import { StagelightError } from '../errors.ts';

/** Thrown by those who go down into a row, for whoever has the row to tell of it. */
export class TooManyLevels extends Error {}

/** Nobody is told of more; nor are all objects of a large row looked at for a message. */
const MOST_LEVELS = 10_000;
const MOST_OBJECTS = 1 << 17;
const SHOWN_STEPS = 3;

/** How the parts of a row lie within one another. */
export interface Nesting {
  levels: number;
  /** Where the deepest part is, or one that is an object around it: `.a[0].b`. */
  path: string;
  holdsItself: boolean;
}

/** An object whose parts are gone through: those of an array, or the fields of these names. */
interface Level {
  object: object;
  parts: Record<string | number, unknown>;
  names: string[] | undefined;
  count: number;
  /** The part that is next. */
  at: number;
}

function levelOf(object: object): Level {
  // As in the array that JSON has for them.
  const parts = object instanceof Map || object instanceof Set ? [...object] : object;
  const names = Array.isArray(parts) ? undefined : ArrayBuffer.isView(parts) ? [] : Object.keys(parts);
  const count = names?.length ?? (parts as unknown[]).length;
  return { object, parts: parts as Level['parts'], names, count, at: 0 };
}

function pathTo(levels: readonly Level[]): string {
  const steps = levels
    .slice(0, SHOWN_STEPS)
    .map(({ names, at }) => (names === undefined ? `[${at - 1}]` : `.${names[at - 1]}`));
  return steps.join('') + (levels.length > SHOWN_STEPS ? '…' : '');
}

/** By a list of what is left to do in place of calls. */
export function nestingOf(row: object): Nesting {
  const open = [levelOf(row)];
  const around = new Set<object>([row]);
  const met = new Set<object>([row]);
  let deepest: Nesting = { levels: 1, path: '', holdsItself: false };
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    if (level.at === level.count) {
      open.pop();
      around.delete(level.object);
      continue;
    }
    const at = level.at++;
    const part = level.parts[level.names?.[at] ?? at];
    if (typeof part !== 'object' || part === null) continue;
    if (around.has(part)) return { levels: open.length, path: pathTo(open), holdsItself: true };
    if (met.has(part) || met.size === MOST_OBJECTS) continue;
    if (open.length === deepest.levels)
      deepest = { levels: open.length + 1, path: pathTo(open), holdsItself: false };
    if (deepest.levels > MOST_LEVELS) break;
    met.add(part);
    around.add(part);
    open.push(levelOf(part));
  }
  return deepest;
}

/** What is said of a row by one format. */
export interface DepthLimit {
  /** Names the row. */
  which: string;
  /** So many levels are allowed; `takes` says it. */
  most: number;
  takes: string;
  /** Of the error for a row that holds itself. */
  code: string;
}

const ELSE = 'use saveAsObjectFile, which takes rows of any depth that may hold themselves.';

/** For a row of which some part was too deep: ROW_TOO_DEEP, or the code for one that holds itself. */
export function rowTooDeep({ levels, path, holdsItself }: Nesting, limit: DepthLimit): StagelightError {
  const { which, most, takes, code } = limit;
  if (holdsItself) {
    return new StagelightError(code, `${which} holds itself: at ${path} is an object around it`, {
      hint: `Leave that field out of the rows, put a number or a name in its place, or ${ELSE}`,
    });
  }
  // Fewer were found than there are where ways of several lengths lead to a part, or in a large row.
  const known = levels > most && levels <= MOST_LEVELS;
  const many = (known ? levels : Math.min(Math.max(levels, most), MOST_LEVELS)).toLocaleString('en-US');
  const where = path && ` (${path})`;
  return new StagelightError(
    'ROW_TOO_DEEP',
    `${which} is nested ${known ? '' : 'more than '}${many} levels deep${where}: ${takes}`,
    {
      hint: `Keep what is nested so deeply in a flat form (a list of nodes, each with the number of its parent), or ${ELSE}`,
    },
  );
}
