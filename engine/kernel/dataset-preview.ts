/** A look at a dataset: its first rows by a bounded job, and what it is in words. */
import type { CellOutput } from '../protocol.ts';
import type { RDD } from '../rdd/rdd.ts';
import { previewTable } from './table-output.ts';

const PREVIEW_ROWS = 200;

/** Spark's names of element types, from a row. */
function elementType(row: unknown): string {
  if (row === null || row === undefined) return 'Any';
  if (Array.isArray(row)) return row.length > 6 ? 'Array' : `(${row.map(elementType).join(', ')})`;
  if (row instanceof Date) return 'Date';
  if (typeof row !== 'object') return `${(typeof row)[0]!.toUpperCase()}${(typeof row).slice(1)}`;
  const prototype = Object.getPrototypeOf(row) as { constructor?: { name?: string } } | null;
  return prototype === null || prototype === Object.prototype
    ? 'Record'
    : (prototype.constructor?.name ?? 'Any');
}

/** One row more than is shown is asked for, to know whether there are more. */
export async function previewDataset(rdd: RDD<unknown>): Promise<CellOutput> {
  const rows = await rdd.take(PREVIEW_ROWS + 1);
  const partitions = rdd.getNumPartitions();
  const kind = `RDD[${rows.length === 0 ? 'Nothing' : elementType(rows[0])}]`;
  const what = `${kind} with ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`;
  if (rows.length === 0) return { kind: 'text', text: `${what}, without rows` };
  const all = rows.length <= PREVIEW_ROWS;
  return previewTable(rows.slice(0, PREVIEW_ROWS), what, all ? rows.length : undefined);
}
