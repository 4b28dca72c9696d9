import { expect, test } from 'vitest';
import { TaskContext as OfExecutors } from '../executor/task-context.ts';
import { startContext, withContext } from '../testing.ts';

Object.assign(globalThis, { TaskContext: OfExecutors });

test('sums, counts and means from actions and from transformations', () =>
  withContext({}, async ({ sc, events }) => {
    const rows = sc.longAccumulator('rows');
    const halves = sc.doubleAccumulator();
    const seen = sc.collectionAccumulator<string>('seen');
    await sc
      .range(0, 10, 1, 4)
      .map((n) => {
        rows.add(1);
        return n;
      })
      .foreach((n) => {
        halves.add(n / 2);
        if (n % 4 === 0) seen.add(`n${n}`);
      });
    expect([rows.value, rows.sum, rows.count, rows.avg]).toEqual([10, 10, 10, 1]);
    expect([halves.value, halves.count, halves.avg]).toEqual([22.5, 10, 2.25]);
    expect(seen.value).toEqual(['n0', 'n4', 'n8']);
    const told = events.filter((event) => event.type === 'accumulated');
    expect(told).toHaveLength(1);
    expect(told[0]!.values).toEqual([
      { id: 0, name: 'rows', update: '10', value: '10' },
      { id: 2, name: 'seen', update: "[ 'n0', 'n4', 'n8' ]", value: "[ 'n0', 'n4', 'n8' ]" },
    ]);
    rows.reset();
    rows.add(5);
    expect([rows.value, rows.count]).toEqual([5, 1]);
  }));

test('a stage that is skipped, and a preparation that looks ahead, add nothing', () =>
  withContext({}, async ({ sc }) => {
    const mapped = sc.longAccumulator('mapped');
    const pairs = sc.range(0, 100, 1, 4).map((n): [number, number] => {
      mapped.add(1);
      return [n % 5, n];
    });
    const sums = pairs.reduceByKey((a, b) => a + b);
    await sums.collect();
    expect(mapped.value).toBe(100);
    await sums.count();
    expect(mapped.value).toBe(100);
    mapped.reset();
    // Sampling for the bounds computes all rows once before.
    await pairs.sortByKey().collect();
    expect(mapped.value).toBe(100);
    mapped.reset();
    // Here it caches them: nobody computes them again.
    const kept = pairs.mapValues((n) => n + 1).cache();
    await kept.sortByKey().collect();
    expect(mapped.value).toBe(100);
  }));

const ROWS: Record<string, (n: number) => number> = {
  'the same rows': (n) => n,
  'rows of chance': (n) => n + Math.random(),
};

test.each(Object.keys(ROWS))('a preparation adds what it caches, and nothing of what follows: %s', (kind) =>
  withContext({}, async ({ sc }) => {
    const [drawn, mapped] = [sc.longAccumulator(), sc.longAccumulator()];
    const seen = sc.collectionAccumulator<number>();
    const row = ROWS[kind]!;
    const rows = sc.range(0, 100, 1, 4).map((n) => {
      drawn.add(1);
      return row(n);
    });
    const made = rows.cache().map((n) => {
      mapped.add(1);
      seen.add(n);
      return n;
    });
    await made.sortBy((n) => n).collect();
    expect([drawn.value, mapped.value, seen.value.length]).toEqual([100, 100, 100]);
    await made.zipWithIndex().collect();
    expect([drawn.value, mapped.value, seen.value.length]).toEqual([100, 200, 200]);
  }),
);

test('what is added for a cached row after its partition was cached for all is refused', () =>
  withContext({}, async ({ sc }) => {
    const total = sc.longAccumulator();
    const drawn = sc
      .range(0, 4, 1, 1)
      .map((n) => {
        const later = Promise.withResolvers<void>();
        Object.assign(globalThis, { readLate: later.resolve });
        const added = later.promise.then(() => total.add(1));
        Object.assign(globalThis, { lateAdd: added.catch(({ code }) => code) });
        return n + Math.random();
      })
      .cache();
    const codes = await drawn
      .map(async () => {
        const { readLate, lateAdd } = globalThis as never as { readLate(): void; lateAdd: Promise<string> };
        readLate();
        return lateAdd;
      })
      .collect();
    expect(codes).toEqual(Array(4).fill('ACCUMULATOR_OUTSIDE_TASK'));
    expect(total.value).toBe(0);
  }));

test('rows that an attempt cached before it failed, or began anew to await, count when they are computed again', () =>
  withContext({}, async ({ sc }) => {
    const seen = sc.longAccumulator();
    const cached = () =>
      sc
        .range(0, 100, 1, 4)
        .map((n) => {
          seen.add(1);
          return n;
        })
        .cache();
    const failing = cached();
    const flaky = failing.mapPartitions((rows) => {
      const all = [...rows];
      if (TaskContext.get()!.attemptNumber() < 2) throw new Error('not yet');
      return all;
    });
    expect([await flaky.count(), seen.value]).toEqual([100, 100]);
    // Kept by the attempt that counted.
    expect([await failing.count(), seen.value]).toEqual([100, 100]);
    seen.reset();
    const awaited = cached();
    expect([await awaited.mapPartitions(async (rows) => [...rows]).count(), seen.value]).toEqual([100, 100]);
    expect([await awaited.count(), seen.value]).toEqual([100, 100]);
  }));

test('functions of the user: a set of what was seen, merged in the driver', () =>
  withContext({}, async ({ sc }) => {
    const kinds = sc.accumulator({
      zero: new Map<string, number>(),
      add: (counts, kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1),
      merge: (a, b) => {
        for (const [kind, count] of b) a.set(kind, (a.get(kind) ?? 0) + count);
        return a;
      },
    });
    await sc.range(0, 90, 1, 5).foreach((n) => kinds.add(n % 3 === 0 ? 'fizz' : 'other'));
    expect(kinds.value).toEqual(
      new Map([
        ['fizz', 30],
        ['other', 60],
      ]),
    );
    kinds.reset();
    expect(kinds.value).toEqual(new Map());
  }));

test('an awaiting function that is found out late is counted once', () =>
  withContext({ executors: 3 }, async ({ sc }) => {
    const calls = sc.longAccumulator();
    const later = async (n: number) => {
      await null;
      calls.add(1);
      return n;
    };
    expect(
      await sc
        .range(0, 50, 1, 6)
        .map((n) => later(n))
        .count(),
    ).toBe(50);
    expect(calls.value).toBe(50);
  }));

test('a failed attempt adds nothing, its leftovers neither', () =>
  withContext({ executors: 1 }, async ({ sc }) => {
    const rows = sc.longAccumulator();
    const counted = await sc
      .range(0, 40, 1, 2)
      .map(async (n) => {
        rows.add(1);
        await null;
        if (n === 3 && TaskContext.get()!.attemptNumber() < 2) throw new Error('flaky');
        await null;
        rows.add(1);
        return n;
      })
      .count();
    expect(counted).toBe(40);
    expect(rows.value).toBe(80);
  }));

test('what had finished counts when the job fails', async () => {
  const { sc, stop } = startContext({ executors: 1 });
  const rows = sc.longAccumulator();
  const job = sc.range(0, 40, 1, 4).foreach((n) => {
    if (n >= 30) throw new Error('last partition');
    rows.add(1);
  });
  await expect(job).rejects.toMatchObject({ code: 'TASK_FAILED' });
  expect(rows.value).toBe(30);
  await stop();
});

test('large values travel as files, which are gone afterwards', () =>
  withContext({}, async ({ sc }) => {
    const texts = sc.collectionAccumulator<string>();
    await sc.range(0, 4, 1, 2).foreach((n) => texts.add(String(n).repeat(400_000)));
    expect(texts.value.map((text) => [text[0], text.length])).toEqual(
      [0, 1, 2, 3].map((n) => [String(n), 400_000]),
    );
  }));

const misuse: [what: string, code: string, run: Parameters<typeof withContext>[1]][] = [
  [
    'reading in a task',
    'ACCUMULATOR_VALUE',
    ({ sc }) => {
      const rows = sc.longAccumulator('rows');
      return sc.range(3).foreach(() => void rows.value);
    },
  ],
  [
    'a fraction in a long',
    'ACCUMULATOR_ADD',
    ({ sc }) => {
      const rows = sc.longAccumulator('rows');
      return sc.range(3).foreach((n) => rows.add(n / 2));
    },
  ],
  [
    'a sum that is not exact any more',
    'ACCUMULATOR_OVERFLOW',
    ({ sc }) => {
      const rows = sc.longAccumulator('rows');
      return sc.range(3).foreach(() => rows.add(Number.MAX_SAFE_INTEGER));
    },
  ],
  [
    'a value that cannot travel',
    'ACCUMULATOR_NOT_SERIALIZABLE',
    ({ sc }) => {
      const all = sc.collectionAccumulator<unknown>('all');
      return sc.range(3).foreach(() => all.add({ fn: () => 1 }));
    },
  ],
  [
    'an add that returns nothing',
    'ACCUMULATOR_ADD',
    ({ sc }) => {
      const all = sc.accumulator({ zero: 0, add: (() => {}) as never, merge: (a: number) => a });
      return sc.range(3).foreach((n) => all.add(n as never));
    },
  ],
];

test.each(misuse)('%s is an error of the job: %s', (_, code, run) =>
  withContext({ executors: 1 }, async (context) => {
    const error = await Promise.resolve(run(context)).then(
      () => undefined,
      (reason) => reason,
    );
    expect([error?.code, error?.cause?.code]).toContain(code);
    expect(error?.position).toBeDefined();
  }),
);

test('a throw in merge rejects the action and leaves the value', () =>
  withContext({ executors: 1 }, async ({ sc }) => {
    const sum = sc.accumulator(
      {
        zero: 0,
        add: (a, b: number) => a + b,
        merge: (a, b) => {
          if (b > 10) throw new RangeError('too much');
          return a + b;
        },
      },
      'sum',
    );
    await sc.range(0, 4, 1, 2).foreach((n) => sum.add(n));
    expect(sum.value).toBe(6);
    await expect(sc.range(0, 40, 1, 2).foreach((n) => sum.add(n))).rejects.toMatchObject({
      code: 'ACCUMULATOR_MERGE',
      message: 'accumulator "sum": merge threw RangeError: too much',
      position: expect.objectContaining({ name: 'accumulator' }),
    });
    expect(sum.value).toBe(6);
    expect(await sc.range(3).count()).toBe(3);
  }));

test('local properties travel with the jobs started after, those of preparations included', () =>
  withContext({ executors: 1 }, async ({ sc }) => {
    const seen = sc.collectionAccumulator<string>();
    const rdd = sc.range(0, 20, 1, 2).map((n) => {
      seen.add(`${TaskContext.get()!.getLocalProperty('who')}`);
      return n;
    });
    sc.setLocalProperty('who', 'me');
    sc.setLocalProperty('constructor', 'x');
    expect([sc.getLocalProperty('who'), sc.getLocalProperty('toString')]).toEqual(['me', undefined]);
    await rdd.sortBy((n) => -n).collect();
    expect(new Set(seen.value)).toEqual(new Set(['me']));
    sc.setLocalProperty('who', undefined);
    seen.reset();
    await rdd.count();
    expect(new Set(seen.value)).toEqual(new Set(['undefined']));
    expect(() => sc.setLocalProperty('who', 1 as never)).toThrow(
      'setLocalProperty: key and value must be texts',
    );
  }));

test('functions that cannot travel are refused where the accumulator is made', () =>
  withContext({}, ({ sc }) => {
    const rdd = sc.range(3);
    expect(() => sc.accumulator({ zero: 0, add: (a) => a + rdd.id, merge: (a, b) => a + b })).toThrow(
      /given to accumulator cannot be sent to the executors: "rdd" is an RDD/,
    );
    expect(() => sc.accumulator({ zero: 0 } as never)).toThrow('accumulator: expected { zero, add, merge }');
  }));
