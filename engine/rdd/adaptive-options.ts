/** What adaptive execution may do. The names and defaults are those of Spark's `spark.sql.adaptive.*` and `spark.sql.autoBroadcastJoinThreshold`. */
import { StagelightError } from '../errors.ts';

export interface AdaptiveOptions {
  /** False: every stage runs as it was planned before anything was measured. */
  enabled: boolean;
  /** Bytes a task should read: small reduce partitions are put together up to it, skewed ones cut down to it. */
  advisoryPartitionSize: number;
  /** Bytes below which no task should be, where that leaves every executor enough tasks. */
  minPartitionSize: number;
  /** Rather too many small tasks than executors that have none. */
  parallelismFirst: boolean;
  /** A reduce partition of a join is skewed when it is larger than this many bytes … */
  skewedPartitionThreshold: number;
  /** … and than this many times the median of all. */
  skewedPartitionFactor: number;
  /** Up to so many bytes a side of a join is sent to every executor instead of shuffling the other one; 0 or −1: never. */
  autoBroadcastJoinThreshold: number;
}

const MB = 1024 * 1024;

export const ADAPTIVE_DEFAULTS: AdaptiveOptions = {
  enabled: true,
  advisoryPartitionSize: 64 * MB,
  minPartitionSize: MB,
  parallelismFirst: true,
  skewedPartitionThreshold: 256 * MB,
  skewedPartitionFactor: 5,
  autoBroadcastJoinThreshold: 10 * MB,
};

const SIZES = ['advisoryPartitionSize', 'minPartitionSize', 'skewedPartitionThreshold'] as const;
const SWITCHES = ['enabled', 'parallelismFirst'] as const;

/** Throws for what is no option, or no value of it. */
export function checkAdaptive(options: Partial<AdaptiveOptions>): Partial<AdaptiveOptions> {
  for (const [name, value] of Object.entries(options)) {
    if (SIZES.some((size) => size === name)) {
      const least = name === 'advisoryPartitionSize' ? 1 : 0;
      if (typeof value !== 'number' || !(value >= least))
        throw refused(name, value, `bytes, ${least} or more`);
    } else if (SWITCHES.some((each) => each === name)) {
      if (typeof value !== 'boolean') throw refused(name, value, 'true or false');
    } else if (name === 'autoBroadcastJoinThreshold') {
      if (typeof value !== 'number' || !(value >= -1)) throw refused(name, value, 'bytes; 0 or -1 for never');
    } else if (name === 'skewedPartitionFactor') {
      if (typeof value !== 'number' || !(value >= 1)) throw refused(name, value, 'a number, 1 or more');
    } else {
      throw new StagelightError('INVALID_ARGUMENT', `setAdaptive: there is no option ${name}`, {
        hint: `The options are ${Object.keys(ADAPTIVE_DEFAULTS).join(', ')}.`,
      });
    }
  }
  return { ...options };
}

function refused(name: string, value: unknown, expected: string): StagelightError {
  return new StagelightError('INVALID_ARGUMENT', `setAdaptive: ${name} is ${String(value)}`, {
    hint: `Give ${expected}.`,
  });
}
