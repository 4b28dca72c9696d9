/** The options of `stagelight run`. */
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StagelightError } from '../engine/errors.ts';
import type { AdaptiveOptions } from '../engine/rdd/adaptive-options.ts';
import { parseConfiguration } from '../engine/scheduler/scheduling-configuration.ts';
import type { SchedulingOptions } from '../engine/scheduler/scheduling-options.ts';
import {
  ADAPTIVE_FLAGS,
  ADAPTIVE_USAGE,
  environmentName,
  parseAdaptive,
} from '../server/adaptive-options.ts';
import { parseSize } from '../server/options.ts';

export interface RunOptions {
  /** As the user wrote it, for messages. */
  file: string;
  executors: number;
  executorMemory: number;
  /** What differs from the defaults of adaptive execution. */
  adaptive: Partial<AdaptiveOptions>;
  driverMemory: number;
  events?: string;
  faults?: { seed: number; rate: number };
  scheduling: SchedulingOptions;
  /** Undefined: where stderr is a terminal. */
  progress?: boolean;
  args: string[];
}

export const RUN_USAGE = `stagelight run FILE [options] [-- ARG…]
  FILE                    a TypeScript script or notebook
  --executors N           executor processes (default: number of cores)
  --executor-memory SIZE  memory of one executor (default 1g)
  --driver-memory SIZE    memory of the script's own values (default 2g)
  --events FILE           write the event log to FILE
  --faults SEED[:RATE]    strike RATE of the tasks (default 0.1) with faults drawn from SEED: the result stays the same
  --conf KEY=VALUE        a property of the scheduler, for example stagelight.speculation=true; may be repeated
  --progress              show a progress bar even where stderr is no terminal; --no-progress: never
${ADAPTIVE_USAGE}
  -- ARG…                 the script's \`args\``;

function invalid(message: string): StagelightError {
  return new StagelightError('OPTION_INVALID', message, { hint: RUN_USAGE });
}

function parseFaults(value: string): { seed: number; rate: number } {
  const match = /^(\d{1,9})(?::(\d*\.?\d+))?$/.exec(value);
  const rate = Number(match?.[2] ?? 0.1);
  if (!match || rate > 1) throw invalid(`--faults is "${value}": give SEED or SEED:RATE, for example 7:0.1`);
  return { seed: Number(match[1]), rate };
}

/** Undefined: the user asked for help. */
export function parseRunOptions(argv: string[]): RunOptions | undefined {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    executors: text,
    'executor-memory': text,
    'driver-memory': text,
    events: text,
    faults: text,
    conf: { type: 'string', multiple: true },
    progress: flag,
    ...ADAPTIVE_FLAGS,
    help: { type: 'boolean', short: 'h' },
  } as const;
  let parsed: ReturnType<
    typeof parseArgs<{ args: string[]; options: typeof options; allowPositionals: true; allowNegative: true }>
  >;
  try {
    parsed = parseArgs({ args: own, options, allowPositionals: true, allowNegative: true });
  } catch (error) {
    throw invalid((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) return undefined;
  const [file] = positionals;
  if (file === undefined) throw invalid('no file to run is named');
  if (positionals.length > 1)
    throw invalid(`one file can be run, not ${positionals.length}: put the script's own arguments after --`);
  const executors = Number(values.executors ?? availableParallelism());
  if (!Number.isInteger(executors) || executors < 1 || executors > 1024) {
    throw invalid(`--executors is "${values.executors}": give a whole number from 1 to 1024`);
  }
  const share = Math.floor(totalmem() / availableParallelism() / 2);
  return {
    file,
    executors,
    executorMemory: parseSize(
      'executor-memory',
      values['executor-memory'] ?? String(Math.min(1024 ** 3, share)),
    ),
    adaptive: parseAdaptive(
      (name) =>
        (values as Record<string, string | boolean | undefined>)[name] ??
        (process.env[environmentName(name)] || undefined),
      parseSize,
    ),
    driverMemory: parseSize('driver-memory', values['driver-memory'] ?? '2g'),
    ...(values.events === undefined ? {} : { events: resolve(values.events) }),
    ...(values.faults === undefined ? {} : { faults: parseFaults(values.faults) }),
    scheduling: parseConfiguration(values.conf ?? []),
    ...(values.progress === undefined ? {} : { progress: values.progress }),
    args: end < 0 ? [] : argv.slice(end + 1),
  };
}
