/** Outputs read back from a file, which another version or a stranger may have written: only what can be shown stays. */
import type { CellOutput } from '../engine/protocol.ts';

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const areTexts = (value: Fields, ...names: string[]) =>
  names.every((name) => typeof value[name] === 'string');
const isScalar = (value: unknown) =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
const isNumber = (value: unknown) => typeof value === 'number';
const isTextOrAbsent = (value: unknown) => value === undefined || typeof value === 'string';
const isNumberOrAbsent = (value: unknown) => value === undefined || isNumber(value);
const COLUMN_TYPES = new Set<unknown>(['number', 'string', 'boolean', 'bigint', 'date', 'json', 'null']);

function isSummary(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { rows, nulls, distinct, mean, min, max, bins } = value;
  return (
    [rows, nulls, distinct].every(isNumber) &&
    [min, max].every((end) => isTextOrAbsent(end) || isNumber(end)) &&
    isNumberOrAbsent(mean) &&
    (bins === undefined || (Array.isArray(bins) && bins.every(isNumber)))
  );
}

const isColumn = (value: unknown) =>
  isFields(value) &&
  areTexts(value, 'name') &&
  COLUMN_TYPES.has(value['type']) &&
  (value['summary'] === undefined || isSummary(value['summary']));
const isPosition = (value: unknown) =>
  isFields(value) &&
  [value['line'], value['column']].every(isNumber) &&
  [value['file'], value['functionName']].every(isTextOrAbsent);
const isCut = (value: unknown) =>
  isFields(value) && [value['shown'], value['total']].every(isNumber) && areTexts(value, 'unit');

const areScalars = (value: unknown) => Array.isArray(value) && value.every(isScalar);

/** Deeper than any tree is made, so that a stranger's file cannot exhaust the stack. */
const MAX_NODE_DEPTH = 40;

function isNode(value: unknown, depth = 0): boolean {
  if (isScalar(value)) return true;
  if (!isFields(value) || depth > MAX_NODE_DEPTH || !areTexts(value, 't')) return false;
  const { n, c, m } = value;
  return (
    (n === undefined || typeof n === 'string') &&
    (m === undefined || typeof m === 'number') &&
    (c === undefined ||
      (Array.isArray(c) &&
        c.every((part) => Array.isArray(part) && typeof part[0] === 'string' && isNode(part[1], depth + 1))))
  );
}

function isLayer(value: unknown): boolean {
  if (!isFields(value) || !areTexts(value, 'mark') || !isFields(value['options'])) return false;
  const { channels } = value;
  if (!isFields(channels)) return false;
  return Object.values(channels).every(
    (column) => isFields(column) && areTexts(column, 'label', 'type') && areScalars(column['values']),
  );
}

function isError(value: unknown, depth = 0): boolean {
  if (!isFields(value) || depth > 20 || !areTexts(value, 'code', 'name', 'message')) return false;
  const { hint, position, frames, stack, task, element, cause } = value;
  return (
    [hint, stack, element].every(isTextOrAbsent) &&
    (position === undefined || isPosition(position)) &&
    (frames === undefined || (Array.isArray(frames) && frames.every(isPosition))) &&
    (task === undefined || (isFields(task) && Object.values(task).every(isScalar))) &&
    (cause === undefined || isError(cause, depth + 1))
  );
}

const SHAPES: { [K in CellOutput['kind']]: (output: Fields) => boolean } = {
  stream: ({ stream, text, dropped }) =>
    (stream === 'stdout' || stream === 'stderr') && typeof text === 'string' && isNumberOrAbsent(dropped),
  text: ({ text, truncated }) => typeof text === 'string' && (truncated === undefined || isCut(truncated)),
  table: ({ columns, rows, nested, total, columnsTotal, preview }) =>
    [total, columnsTotal].every(isNumberOrAbsent) &&
    isTextOrAbsent(preview) &&
    (nested === undefined || (isFields(nested) && Object.values(nested).every((node) => isNode(node)))) &&
    Array.isArray(columns) &&
    columns.every(isColumn) &&
    Array.isArray(rows) &&
    rows.every((row) => Array.isArray(row) && row.every(isScalar)),
  html: (output) => areTexts(output, 'html'),
  markdown: (output) => areTexts(output, 'text'),
  image: ({ mime, base64 }) =>
    typeof base64 === 'string' && /^image\/(png|jpeg|svg\+xml)$/.test(String(mime)),
  json: ({ value, text }) => typeof text === 'string' && isNode(value),
  plot: ({ key, spec, columns, layers, domains, rows, notes }) =>
    typeof key === 'string' &&
    isFields(spec) &&
    isFields(rows) &&
    [rows['shown'], rows['total']].every(isNumber) &&
    isFields(domains) &&
    Object.values(domains).every(areScalars) &&
    Array.isArray(columns) &&
    columns.every(isColumn) &&
    areScalars(notes) &&
    Array.isArray(layers) &&
    layers.every(isLayer),
  error: ({ error }) => isError(error),
};

export function isStoredOutput(value: unknown): value is CellOutput {
  if (!isFields(value) || typeof value['kind'] !== 'string' || !Object.hasOwn(SHAPES, value['kind']))
    return false;
  return SHAPES[value['kind'] as CellOutput['kind']](value);
}

const isVariable = (value: unknown) =>
  isFields(value) &&
  areTexts(value, 'name', 'kind', 'type', 'preview', 'definedIn') &&
  isFields(value['changedBy']) &&
  areTexts(value['changedBy'], 'cellId', 'runId') &&
  (value['size'] === undefined || (isFields(value['size']) && typeof value['size']['bytes'] === 'number')) &&
  (value['rddId'] === undefined || typeof value['rddId'] === 'number');

/** The variables of a kernel that is gone; their datasets went with it. */
export function storedVariables(value: unknown): unknown {
  if (!isFields(value) || !Array.isArray(value['list'])) return undefined;
  const list = value['list'].filter(isVariable);
  return { list, rdds: [], total: list.length, version: 0 };
}
