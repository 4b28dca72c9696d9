/** Checks that what a client sent is one of the commands and queries of the protocol, and within bounds. */
import { StagelightError } from '../engine/errors.ts';
import { type Fault, MAX_SLOW_DELAY_MS, MAX_SLOW_FACTOR } from '../engine/fault-protocol.ts';
import { TASK_METRICS } from '../engine/protocol.ts';
import { MAX_CELL_CHARACTERS, type NotebookCommand, type ViewQuery } from '../engine/viewer-protocol.ts';

const MAX_CELLS_AT_ONCE = 5000;
const CELL_ID = /^[A-Za-z0-9_-]{1,64}$/;

type Check = (value: unknown) => boolean;
type Shape = Record<string, Check>;

const isText =
  (max: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= max;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime: Check = (value) => value === undefined || (typeof value === 'number' && Number.isFinite(value));
export const isCellId: Check = (value) => typeof value === 'string' && CELL_ID.test(value);
const isKind: Check = (value) => value === 'code' || value === 'markdown';
const isIdList =
  (max: number, check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= max && value.every(check);
const isCellIds = isIdList(MAX_CELLS_AT_ONCE, isCellId);
const isNewCell: Check = (value) => {
  if (typeof value !== 'object' || value === null) return false;
  const { cellId, kind, source, ...more } = value as Record<string, unknown>;
  const known = isCellId(cellId) && isKind(kind) && isText(MAX_CELL_CHARACTERS)(source);
  return known && Object.keys(more).length === 0;
};

const isName: Check = (value) => typeof value === 'string' && value.length > 0 && value.length <= 1000;
const isStep: Check = (value) => isCount(value) || (typeof value === 'string' && value.length <= 10_000);

const isAmount =
  (max: number): Check =>
  (value) =>
    typeof value === 'number' && value > 0 && value <= max;
const isExecutorId = (value: unknown) => isText(64)(value) && value !== '';

/** The fields of each fault, and of each way of slowing. */
const FAULTS: Record<Fault['kind'], Shape> = {
  killExecutor: { executorId: isExecutorId },
  dropBlock: { stageId: isCount, partition: isCount },
  dropExecutorBlocks: { executorId: isExecutorId },
  corruptBlock: { stageId: isCount, partition: isCount },
  dropCached: { rddId: isCount, partition: isCount },
  slowPartition: { stageId: isCount, partition: isCount, slowness: isSlowness },
};

function isSlowness(value: unknown): boolean {
  return (
    isExactly(value, { factor: isAmount(MAX_SLOW_FACTOR) }) ||
    isExactly(value, { delay: isAmount(MAX_SLOW_DELAY_MS) })
  );
}

const isFault: Check = (value) => {
  const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(FAULTS, kind)) return false;
  return isExactly(value, { kind: () => true, ...FAULTS[kind as Fault['kind']] });
};

/** An object with these fields of its own and no others. */
function isExactly(value: unknown, shape: Shape): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const names = Object.keys(shape);
  return (
    Object.keys(value).length === names.length &&
    names.every(
      (name) => Object.hasOwn(value, name) && shape[name]!((value as Record<string, unknown>)[name]),
    )
  );
}

const COMMANDS: { [T in NotebookCommand['type']]: Shape } = {
  insertCell: { cellId: isCellId, kind: isKind, source: isText(MAX_CELL_CHARACTERS), index: isCount },
  insertCells: {
    as: (value) => value === 'duplicate' || value === 'paste',
    cells: isIdList(MAX_CELLS_AT_ONCE, isNewCell),
    index: isCount,
  },
  deleteCells: { cellIds: isCellIds },
  moveCells: { cellIds: isCellIds, index: isCount },
  splitCell: { cellId: isCellId, newCellId: isCellId, offset: isCount, baseRevision: isCount },
  mergeCells: { cellIds: isCellIds },
  restoreCell: { cellId: isCellId },
  emptyBin: {},
  undo: {},
  redo: {},
  collapseCells: {
    cellIds: isCellIds,
    part: (value) => value === 'source' || value === 'outputs',
    collapsed: (value) => typeof value === 'boolean',
  },
  editCell: {
    cellId: isCellId,
    source: isText(MAX_CELL_CHARACTERS),
    baseRevision: isCount,
    editId: (value) => value === undefined || isCellId(value),
  },
  convertCells: { cellIds: isCellIds, kind: isKind },
  runCells: { cellIds: isCellIds },
  runStale: {},
  cancelQueued: { cellId: isCellId },
  interrupt: {},
  restartKernel: {},
  shutdownKernel: {},
  cancelJob: { jobId: isCount },
  persistVariable: { name: isName, level: (value) => value === 'MEMORY_ONLY' || value === 'NONE' },
  clearOutputs: { cellIds: isCellIds },
  save: {},
  injectFault: { fault: isFault },
  clearFaults: { faultId: (value) => value === undefined || isCount(value) },
};

const SORT_COLUMNS = new Set<unknown>([
  ...TASK_METRICS,
  'index',
  'duration',
  'status',
  'executorId',
  'launchTime',
]);

const isPlace: Check = (value) => {
  const place = value as { partition?: unknown; attempt?: unknown };
  return typeof value === 'object' && value !== null && isCount(place.partition) && isCount(place.attempt);
};

const TASK_STATUSES = new Set<unknown>(['running', 'success', 'failed', 'killed']);

const isSort: Check = (value) => {
  if (value === undefined) return true;
  const sort = value as { column?: unknown; descending?: unknown };
  return (
    typeof value === 'object' &&
    value !== null &&
    SORT_COLUMNS.has(sort.column) &&
    typeof sort.descending === 'boolean'
  );
};

const QUERIES: { [T in ViewQuery['type']]: Shape } = {
  stageTasks: {
    stageId: isCount,
    attempt: isCount,
    offset: isCount,
    limit: (value) => isCount(value) && (value as number) <= 1000,
    sort: isSort,
    status: (value) => value === undefined || TASK_STATUSES.has(value),
    executorId: (value) => value === undefined || isText(64)(value),
    taskId: (value) => value === undefined || isCount(value),
    place: (value) => value === undefined || isPlace(value),
  },
  inspectVariable: { name: isName, path: isIdList(50, isStep), offset: isCount },
  stageExecutors: { stageId: isCount, attempt: isCount },
  stageSummary: { stageId: isCount, attempt: isCount },
  timeline: {
    jobIds: (value) => value === undefined || isIdList(MAX_CELLS_AT_ONCE, isCount)(value),
    lanes: (value) => value === 'executor' || value === 'partition',
    from: isTime,
    to: isTime,
    width: (value) => isCount(value) && (value as number) >= 1 && (value as number) <= 4096,
  },
};

/** A copy with the named fields alone, or an error that names the first wrong one. */
function checked<T>(shapes: Record<string, Shape>, value: unknown, what: string): T {
  const refuse = (detail: string) =>
    new StagelightError('MESSAGE_INVALID', `${what} refused: ${detail}`, { hint: 'Reload the page.' });
  if (typeof value !== 'object' || value === null) throw refuse('not an object');
  const type = (value as { type?: unknown }).type;
  if (typeof type !== 'string' || !Object.hasOwn(shapes, type)) throw refuse('unknown type');
  const result: Record<string, unknown> = { type };
  for (const [name, check] of Object.entries(shapes[type]!)) {
    const field = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    if (!check(field)) throw refuse(`field "${name}" of "${type}"`);
    if (field !== undefined) result[name] = field;
  }
  return result as T;
}

export function parseCommand(value: unknown): NotebookCommand {
  return checked<NotebookCommand>(COMMANDS, value, 'command');
}

export function parseQuery(value: unknown): ViewQuery {
  return checked<ViewQuery>(QUERIES, value, 'query');
}

const MAX_SPECIFIERS = 300;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const SPECIFIER = /^[^\0-\x1f\\]{1,300}$/;

/** What the imports of a notebook name. */
export function parseSpecifiers(value: unknown): string[] {
  const isSpecifier: Check = (each) => typeof each === 'string' && SPECIFIER.test(each);
  if (!isIdList(MAX_SPECIFIERS, isSpecifier)(value)) {
    throw new StagelightError('MESSAGE_INVALID', 'the import specifiers are missing or too many', {
      hint: 'Reload the page.',
    });
  }
  return [...(value as string[])];
}

export function parsePath(value: unknown): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 1000) {
    throw new StagelightError('MESSAGE_INVALID', 'a notebook path is missing', { hint: 'Reload the page.' });
  }
  return value;
}
