/** Checks of the plain arguments users pass to operators, so that a mistake is named where it is made. */
import { placeOf, StagelightError } from '../errors.ts';
import { argumentNotSerializable } from '../storage/clone-check.ts';
import { compareKeys } from '../storage/compare-keys.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { encodeRows } from '../storage/row-codec.ts';
import type { Call } from './lineage.ts';

/** The scheduler is proved and measured up to a million tasks; what is planned per partition must fit into memory. */
const MOST_PARTITIONS = 4_000_000;

const COUNTS_OF_PARTITIONS: ReadonlySet<string> = new Set(['numPartitions', 'numSlices', 'minPartitions']);

/** Refuses what would end the driver before its first task. */
export function requireFewPartitions(count: number, operator: string): number {
  if (count <= MOST_PARTITIONS) return count;
  throw new StagelightError('TOO_MANY_PARTITIONS', `${operator}: ${count} partitions are too many`, {
    hint: `Ask for at most ${MOST_PARTITIONS}; a few for each executor are enough. Before cartesian() use coalesce().`,
  });
}

export function requireCount(value: number, operator: string, argument: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) {
    return COUNTS_OF_PARTITIONS.has(argument) ? requireFewPartitions(value, operator) : value;
  }
  throw new StagelightError(
    'INVALID_ARGUMENT',
    `${operator}: ${argument} must be a whole number of at least ${least}, got ${shown(value)}`,
    {
      hint: `Pass ${argument} as a whole number, ${least} or more.`,
    },
  );
}

/** What random numbers begin with. */
export function requireSeed(seed: number, operator: string): void {
  if (Number.isFinite(seed)) return;
  throw new StagelightError('INVALID_ARGUMENT', `${operator}: ${shown(seed)} is no seed`, {
    hint: 'Pass a finite number, or leave it out.',
  });
}

/** A bigint with its `n`, which tells why it is refused. */
export function shown(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

/** A number of partitions or a `Partitioner`; nothing where there is a default. */
export function requirePartitioner(value: unknown, operator: string): void {
  if (value === undefined) return;
  if (typeof value === 'number') requireCount(value, operator, 'numPartitions', 1);
  else if (typeof (value as { equals?: unknown } | null)?.equals !== 'function') {
    throw new StagelightError('INVALID_ARGUMENT', `${operator}: ${String(value)} is no partitioner`, {
      hint: 'Pass a number of partitions, or the partitioner of a dataset.',
    });
  }
}

/** As `requireCount` for an argument that may be left out. */
export function optionalCount(
  value: number | undefined,
  operator: string,
  argument: string,
  least: number,
): number | undefined {
  return value === undefined ? undefined : requireCount(value, operator, argument, least);
}

/** Named options, which may be left out. */
export function requireOptions<T extends object>(value: T, operator: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new StagelightError(
    'INVALID_ARGUMENT',
    `${operator}: options must be an object, got ${String(value)}`,
    { hint: 'Pass the options by their names, as { name: value }, or leave them out.' },
  );
}

/** What an action that needs at least one row says of an empty RDD, when nobody may wait where it was called any more. */
export function emptyCollection({ name, callSite }: Call): StagelightError {
  return new StagelightError('EMPTY_COLLECTION', `${name}: the RDD has no rows`, {
    hint: 'Check isEmpty() first, or use fold() or aggregate(), which start from a zero value.',
    ...(callSite && { position: placeOf(callSite) }),
  });
}

/** An argument that goes to the tasks as it is now, as one row; refused by its name when it cannot. */
export function encodeArgument(value: unknown, operator: string, argument: string): Uint8Array {
  try {
    return encodeRows([value]);
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    throw argumentNotSerializable(`${operator}: ${argument}`, value, cause ?? error);
  }
}

/** What `check` refuses of an argument, by the name of that. */
function named(what: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof StagelightError)) throw error;
    const { code, message, hint } = error;
    throw new StagelightError(code, `${what}: ${message}`, { hint });
  }
}

/** What no key can be is refused here: tasks would find nothing, or fail for a row that is not to blame. */
export function requireKey(key: unknown, what: string): void {
  named(what, () => keyToMapKey(key));
}

/** As `requireKey`, of a bound for keys in their order. */
export function requireOrdered(bound: unknown, what: string): void {
  named(what, () => compareKeys(bound, bound));
}
