/** The options of adaptive execution, for the server and for `stagelight run` alike. */
import type { AdaptiveOptions } from '../engine/rdd/adaptive-options.ts';

export const ADAPTIVE_USAGE = `  --no-adaptive       run stages as planned, whatever the sizes of their inputs turn out to be
  --advisory-partition-size SIZE     what a task should read: small partitions share one (default 64m)
  --skewed-partition-threshold SIZE  a join's partition beyond SIZE and five times the median is cut up (default 256m)
  --auto-broadcast-join-threshold SIZE  a join's side up to SIZE is sent to all, the other not shuffled (default 10m)`;

const SIZES = {
  'advisory-partition-size': 'advisoryPartitionSize',
  'skewed-partition-threshold': 'skewedPartitionThreshold',
  'auto-broadcast-join-threshold': 'autoBroadcastJoinThreshold',
} as const satisfies Record<string, keyof AdaptiveOptions>;

/** For parseArgs. */
export const ADAPTIVE_FLAGS = {
  adaptive: { type: 'boolean' },
  'advisory-partition-size': { type: 'string' },
  'skewed-partition-threshold': { type: 'string' },
  'auto-broadcast-join-threshold': { type: 'string' },
} as const;

/** `given` finds an option on the command line, or else in the environment. */
export function parseAdaptive(
  given: (name: string) => string | boolean | undefined,
  parseSize: (option: string, value: string) => number,
): Partial<AdaptiveOptions> {
  const adaptive: Partial<AdaptiveOptions> = {};
  const enabled = given('adaptive');
  if (enabled !== undefined) adaptive.enabled = enabled !== false && enabled !== 'false';
  for (const [option, name] of Object.entries(SIZES)) {
    const value = given(option);
    if (typeof value === 'string') adaptive[name] = parseSize(option, value);
  }
  return adaptive;
}

/** Of the variable that holds an option: `STAGELIGHT_ADVISORY_PARTITION_SIZE`. */
export function environmentName(option: string): string {
  return `STAGELIGHT_${option.toUpperCase().replaceAll('-', '_')}`;
}
