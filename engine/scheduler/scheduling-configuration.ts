/** Scheduling options from properties named as Spark's are, with `stagelight.` in place of `spark.`. */
import { StagelightError } from '../errors.ts';
import {
  EXCLUSION_DEFAULTS,
  POOL_DEFAULTS,
  type PoolOptions,
  SCHEDULING_DEFAULTS,
  type SchedulingMode,
  type SchedulingOptions,
  SPECULATION_DEFAULTS,
} from './scheduling-options.ts';

type Read = (value: string) => number | boolean | string | undefined;

const MODE: Read = (value) => (/^(FIFO|FAIR)$/i.test(value) ? value.toUpperCase() : undefined);
const FLAG: Read = (value) => (/^(true|false)$/.test(value) ? value === 'true' : undefined);
const UNITS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds; a number without a unit counts as `bare` ones. */
const time =
  (bare: number): Read =>
  (value) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)?$/.exec(value);
    return match ? Number(match[1]) * (match[2] === undefined ? bare : UNITS[match[2]]!) : undefined;
  };

const number =
  (least: number, most = Number.POSITIVE_INFINITY, whole = false): Read =>
  (value) => {
    const parsed = value.trim() === '' ? Number.NaN : Number(value);
    return parsed >= least && parsed <= most && (!whole || Number.isInteger(parsed)) ? parsed : undefined;
  };

const count = (least: number): Read => number(least, Number.MAX_SAFE_INTEGER, true);

interface Property {
  read: Read;
  expected: string;
}

const mode = { read: MODE, expected: 'FIFO or FAIR' };
const flag = { read: FLAG, expected: 'true or false' };
const ms = { read: time(1), expected: 'a time such as 100ms or 2s' };
const seconds = { read: time(1_000), expected: 'a time such as 15s or 1h' };
const positive = { read: count(1), expected: 'a whole number from 1' };
const factor = { read: number(0), expected: 'a number from 0' };

const PROPERTIES: Record<string, Property> = {
  'scheduler.mode': mode,
  'scheduler.barrier.maxConcurrentTasksCheck.interval': seconds,
  'scheduler.barrier.maxConcurrentTasksCheck.maxFailures': positive,
  'scheduler.excludeOnFailure.unschedulableTaskSetTimeout': seconds,
  'barrier.sync.timeout': seconds,
  speculation: flag,
  'speculation.interval': ms,
  'speculation.multiplier': factor,
  'speculation.quantile': { read: number(0, 1), expected: 'a number from 0 to 1' },
  'speculation.minTaskRuntime': ms,
  'speculation.task.duration.threshold': ms,
  'speculation.efficiency.enabled': flag,
  'speculation.efficiency.processRateMultiplier': factor,
  'speculation.efficiency.longRunTaskFactor': factor,
  'excludeOnFailure.enabled': flag,
  'excludeOnFailure.timeout': seconds,
  'excludeOnFailure.task.maxTaskAttemptsPerExecutor': positive,
  'excludeOnFailure.stage.maxFailedTasksPerExecutor': positive,
  'excludeOnFailure.application.maxFailedTasksPerExecutor': positive,
  'excludeOnFailure.killExcludedExecutors': flag,
};
const POOL = /^scheduler\.pool\.(.+)\.(schedulingMode|weight|minShare)$/;
const POOL_PROPERTIES: Record<string, Property> = {
  schedulingMode: mode,
  weight: positive,
  minShare: { read: count(0), expected: 'a whole number from 0' },
};
const PREFIX = 'stagelight.';

function propertyNamed(key: string): Property | undefined {
  if (!key.startsWith(PREFIX)) return undefined;
  const name = key.slice(PREFIX.length);
  const pool = POOL.exec(name);
  if (pool) return POOL_PROPERTIES[pool[2]!];
  return Object.hasOwn(PROPERTIES, name) ? PROPERTIES[name] : undefined;
}

/** Refuses an unknown property and a value that is none of its values by name. */
export function parseConfiguration(entries: readonly string[]): SchedulingOptions {
  const values = new Map<string, number | boolean | string>();
  for (const entry of entries) {
    const at = entry.indexOf('=');
    const key = (at < 0 ? entry : entry.slice(0, at)).trim();
    const property = propertyNamed(key);
    if (!property) {
      throw new StagelightError('OPTION_UNKNOWN', `--conf ${key}: there is no such property`, {
        hint: `Properties: ${[...Object.keys(PROPERTIES), 'scheduler.pool.NAME.weight', 'scheduler.pool.NAME.minShare', 'scheduler.pool.NAME.schedulingMode'].map((name) => PREFIX + name).join(', ')}.`,
      });
    }
    const text = at < 0 ? '' : entry.slice(at + 1).trim();
    const value = property.read(text);
    if (value === undefined) {
      throw new StagelightError('OPTION_INVALID', `--conf ${key} is "${text}"`, {
        hint: `Give ${property.expected}, for example --conf ${key}=…`,
      });
    }
    values.set(key.slice(PREFIX.length), value);
  }
  return optionsOf(values);
}

function optionsOf(values: ReadonlyMap<string, number | boolean | string>): SchedulingOptions {
  const get = <T>(name: string, otherwise: T): T => (values.get(name) as T | undefined) ?? otherwise;
  const { barrier } = SCHEDULING_DEFAULTS;
  const options: SchedulingOptions = {
    mode: get<SchedulingMode>('scheduler.mode', SCHEDULING_DEFAULTS.mode),
    pools: poolsOf(values),
    barrier: {
      syncTimeout: get('barrier.sync.timeout', barrier.syncTimeout),
      slotCheckInterval: get('scheduler.barrier.maxConcurrentTasksCheck.interval', barrier.slotCheckInterval),
      slotCheckMaxFailures: get(
        'scheduler.barrier.maxConcurrentTasksCheck.maxFailures',
        barrier.slotCheckMaxFailures,
      ),
    },
  };
  if (get('speculation', false)) {
    const defaults = SPECULATION_DEFAULTS;
    const { efficiency, ...others } = defaults;
    const threshold = values.get('speculation.task.duration.threshold') as number | undefined;
    options.speculation = {
      ...others,
      interval: get('speculation.interval', defaults.interval),
      multiplier: get('speculation.multiplier', defaults.multiplier),
      quantile: get('speculation.quantile', defaults.quantile),
      minTaskRuntime: get('speculation.minTaskRuntime', defaults.minTaskRuntime),
      ...(threshold === undefined ? {} : { taskDurationThreshold: threshold }),
      ...(get('speculation.efficiency.enabled', true)
        ? {
            efficiency: {
              processRateMultiplier: get(
                'speculation.efficiency.processRateMultiplier',
                efficiency!.processRateMultiplier,
              ),
              longRunTaskFactor: get(
                'speculation.efficiency.longRunTaskFactor',
                efficiency!.longRunTaskFactor,
              ),
            },
          }
        : {}),
    };
  }
  if (get('excludeOnFailure.enabled', false)) {
    const defaults = EXCLUSION_DEFAULTS;
    options.exclusion = {
      timeout: get('excludeOnFailure.timeout', defaults.timeout),
      maxTaskAttemptsPerExecutor: get(
        'excludeOnFailure.task.maxTaskAttemptsPerExecutor',
        defaults.maxTaskAttemptsPerExecutor,
      ),
      maxFailedTasksPerExecutorStage: get(
        'excludeOnFailure.stage.maxFailedTasksPerExecutor',
        defaults.maxFailedTasksPerExecutorStage,
      ),
      maxFailedTasksPerExecutorApplication: get(
        'excludeOnFailure.application.maxFailedTasksPerExecutor',
        defaults.maxFailedTasksPerExecutorApplication,
      ),
      unschedulableTaskSetTimeout: get(
        'scheduler.excludeOnFailure.unschedulableTaskSetTimeout',
        defaults.unschedulableTaskSetTimeout,
      ),
      killExcludedExecutors: get('excludeOnFailure.killExcludedExecutors', defaults.killExcludedExecutors),
    };
  }
  return options;
}

function poolsOf(values: ReadonlyMap<string, unknown>): Record<string, PoolOptions> {
  const pools: [string, PoolOptions][] = [];
  for (const [key, value] of values) {
    const match = POOL.exec(key);
    if (!match) continue;
    let pool = pools.find(([name]) => name === match[1]);
    if (!pool) pools.push((pool = [match[1]!, { ...POOL_DEFAULTS }]));
    Object.assign(pool[1], { [match[2]!]: value });
  }
  // From entries: a pool may be called __proto__.
  return Object.fromEntries(pools);
}
