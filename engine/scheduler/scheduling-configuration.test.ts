import { expect, it } from 'vitest';
import { parseConfiguration } from './scheduling-configuration.ts';
import { EXCLUSION_DEFAULTS, SCHEDULING_DEFAULTS, SPECULATION_DEFAULTS } from './scheduling-options.ts';

it('is what Spark does by default: first in, first out, nothing run twice, nobody excluded', () => {
  expect(parseConfiguration([])).toEqual(SCHEDULING_DEFAULTS);
  const on = parseConfiguration(['stagelight.speculation=true', 'stagelight.excludeOnFailure.enabled=true']);
  expect(on).toEqual({
    ...SCHEDULING_DEFAULTS,
    speculation: SPECULATION_DEFAULTS,
    exclusion: EXCLUSION_DEFAULTS,
  });
});

it('reads properties under the names that Spark gives them', () => {
  const options = parseConfiguration([
    'stagelight.scheduler.mode=fair',
    'stagelight.scheduler.pool.my.etl.weight=3',
    'stagelight.scheduler.pool.my.etl.schedulingMode=FAIR',
    'stagelight.scheduler.pool.__proto__.minShare=2',
    'stagelight.speculation=true',
    'stagelight.speculation.interval=250',
    'stagelight.speculation.task.duration.threshold=1.5s',
    'stagelight.speculation.efficiency.enabled=false',
    'stagelight.barrier.sync.timeout=30',
  ]);
  expect(options.mode).toBe('FAIR');
  expect(Object.entries(options.pools)).toEqual([
    ['my.etl', { schedulingMode: 'FAIR', weight: 3, minShare: 0 }],
    ['__proto__', { schedulingMode: 'FIFO', weight: 1, minShare: 2 }],
  ]);
  const { efficiency: _, ...plain } = SPECULATION_DEFAULTS;
  expect(options.speculation).toEqual({ ...plain, interval: 250, taskDurationThreshold: 1_500 });
  expect(options.barrier.syncTimeout).toBe(30_000);
});

it('refuses an unknown property and a wrong value by name', () => {
  expect(() => parseConfiguration(['spark.speculation=true'])).toThrow(
    expect.objectContaining({
      code: 'OPTION_UNKNOWN',
      message: '--conf spark.speculation: there is no such property',
      hint: expect.stringContaining('stagelight.speculation.quantile'),
    }),
  );
  for (const wrong of [
    'speculation',
    'speculation.quantile=2',
    'scheduler.mode=LIFO',
    'scheduler.pool.a.weight=0',
    'speculation.interval=soon',
    'speculation.multiplier=',
  ]) {
    const entry = `stagelight.${wrong}`;
    expect(() => parseConfiguration([entry]), entry).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
  }
});
