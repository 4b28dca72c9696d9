/** The server's options: command line first, then STAGELIGHT_* variables, then defaults. */
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StagelightError } from '../engine/errors.ts';
import type { AdaptiveOptions } from '../engine/rdd/adaptive-options.ts';
import { parseConfiguration } from '../engine/scheduler/scheduling-configuration.ts';
import type { SchedulingOptions } from '../engine/scheduler/scheduling-options.ts';
import { ADAPTIVE_FLAGS, ADAPTIVE_USAGE, environmentName, parseAdaptive } from './adaptive-options.ts';

export interface ServerOptions {
  port: number;
  /** True when the user named the port: then a taken port is an error, not a reason to try the next. */
  portIsFixed: boolean;
  host: string;
  root: string;
  open: boolean;
  tokenFile?: string;
  tlsCert?: string;
  tlsKey?: string;
  executors: number;
  /** Bytes per executor. */
  executorMemory: number;
  /** What differs from the defaults of adaptive execution. */
  adaptive: Partial<AdaptiveOptions>;
  maxKernels: number;
  /** Bytes of event logs kept under the root; 0 keeps none. */
  historyMax: number;
  /** Milliseconds without a run or a viewer after which a kernel is shut down. */
  idleKernel: number;
  scheduling: SchedulingOptions;
}

export const SERVE_USAGE = `stagelight serve [options]
  --port N            listen here (default 8787, the next free one if taken)
  --host ADDRESS      listen on another address than loopback (prints a warning)
  --root DIR          folder of the notebooks (default: the current folder)
  --no-open           do not open a browser
  --token-file FILE   read the access token from FILE, or write a new one there
  --tls-cert FILE --tls-key FILE   serve https
  --executors N       executor processes per kernel (default: number of cores)
  --executor-memory SIZE  memory of one executor (default 1g)
  --conf KEY=VALUE    a property of the scheduler, for example stagelight.scheduler.mode=FAIR; may be repeated
  --max-kernels N     kernels running at once (default 8)
  --idle-kernel TIME  shut an idle kernel down after TIME (default 4h)
  --history-max SIZE  keep event logs of up to SIZE, oldest dropped (default 1g; 0 for none)
${ADAPTIVE_USAGE}
Each option is also read from STAGELIGHT_PORT, STAGELIGHT_HOST, and so on (STAGELIGHT_CONF: properties with commas between).`;

const UNITS: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const TIMES: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function invalid(option: string, value: string, expected: string): StagelightError {
  return new StagelightError('OPTION_INVALID', `--${option} is "${value}"`, { hint: `Give ${expected}.` });
}

/** "512m", "2g", "1073741824" → bytes. */
export function parseSize(option: string, value: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmg]?)b?$/i.exec(value.trim());
  if (!match) throw invalid(option, value, 'a size such as 512m or 2g');
  return Math.floor(Number(match[1]) * UNITS[match[2]!.toLowerCase()]!);
}

/** "4h", "30m", "90s" → milliseconds. */
export function parseDuration(option: string, value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value.trim());
  if (!match) throw invalid(option, value, 'a time such as 30m or 4h');
  return Number(match[1]) * TIMES[match[2]!]!;
}

function parseCount(option: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw invalid(option, value, `a whole number from ${min} to ${max}`);
  }
  return number;
}

export function parseServerOptions(
  argv: string[],
  env: Record<string, string | undefined>,
  cwd: string,
): ServerOptions {
  const text = { type: 'string' } as const;
  let values: Record<string, string | boolean | string[] | undefined>;
  try {
    values = parseArgs({
      args: argv,
      allowNegative: true,
      options: {
        port: text,
        host: text,
        root: text,
        open: { type: 'boolean' },
        'token-file': text,
        'tls-cert': text,
        'tls-key': text,
        executors: text,
        'executor-memory': text,
        'max-kernels': text,
        'idle-kernel': text,
        'history-max': text,
        conf: { type: 'string', multiple: true },
        ...ADAPTIVE_FLAGS,
      },
    }).values;
  } catch (error) {
    throw new StagelightError('OPTION_UNKNOWN', (error as Error).message, { hint: SERVE_USAGE });
  }
  const given = (name: string): string | undefined => {
    const value = values[name];
    if (typeof value === 'string') return value;
    return env[environmentName(name)] || undefined;
  };
  const path = (name: string): string | undefined => {
    const value = given(name);
    return value === undefined ? undefined : resolve(cwd, value);
  };
  const open = values['open'] ?? (given('open') === undefined ? true : given('open') !== 'false');
  const options: ServerOptions = {
    port: parseCount('port', given('port') ?? '8787', 0, 65_535),
    portIsFixed: given('port') !== undefined,
    host: given('host') ?? '127.0.0.1',
    root: resolve(cwd, given('root') ?? '.'),
    open: open === true,
    executors: parseCount('executors', given('executors') ?? String(availableParallelism()), 1, 1024),
    executorMemory: parseSize('executor-memory', given('executor-memory') ?? defaultExecutorMemory()),
    adaptive: parseAdaptive(
      (name) => (typeof values[name] === 'boolean' ? values[name] : given(name)),
      parseSize,
    ),
    maxKernels: parseCount('max-kernels', given('max-kernels') ?? '8', 1, 1000),
    historyMax: parseSize('history-max', given('history-max') ?? '1g'),
    idleKernel: parseDuration('idle-kernel', given('idle-kernel') ?? '4h'),
    scheduling: parseConfiguration(
      (values['conf'] as string[] | undefined) ?? given('conf')?.split(',') ?? [],
    ),
  };
  const tokenFile = path('token-file');
  const tlsCert = path('tls-cert');
  const tlsKey = path('tls-key');
  if (tokenFile) options.tokenFile = tokenFile;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new StagelightError('OPTION_INVALID', 'only one of --tls-cert and --tls-key is given', {
      hint: 'Give both, or neither.',
    });
  }
  if (tlsCert && tlsKey) Object.assign(options, { tlsCert, tlsKey });
  return options;
}

/** 1 GiB, or less on a machine whose memory would not hold one per core twice over. */
function defaultExecutorMemory(): string {
  const share = Math.floor(totalmem() / availableParallelism() / 2);
  return String(Math.min(1024 ** 3, share));
}
