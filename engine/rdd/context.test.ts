import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withContext } from '../testing.ts';

const BOOK = join(import.meta.dirname, '../../notebooks/data/moby-dick.txt');

test('word count of a book is the same for any number of splits', async () => {
  const expected = new Map<string, number>();
  for (const word of readFileSync(BOOK, 'utf8')
    .toLowerCase()
    .match(/[a-z]+/g)!) {
    expected.set(word, (expected.get(word) ?? 0) + 1);
  }
  await withContext({ executors: 3 }, async ({ sc }) => {
    for (const splits of [1, 2, 7]) {
      const counts = sc
        .textFile(BOOK, splits)
        .flatMap((line) => line.toLowerCase().match(/[a-z]+/g) ?? [])
        .map((word) => [word, 1])
        .reduceByKey((a, b) => a + b);
      expect(await counts.collectAsMap()).toEqual(expected);
      const top = await counts.sortBy(([, n]) => n, false).take(3);
      expect(top.map(([word]) => word)).toEqual(['the', 'of', 'and']);
    }
  });
});

test('every line is read once, wherever the splits fall', async () => {
  await withContext({ executors: 2 }, async ({ sc, folder }) => {
    let file = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('', 'a', 'bb', 'é𝄞', 'x'.repeat(40)), { maxLength: 20 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 30 }),
        async (lines, newline, ended, splits) => {
          const name = `lines-${file++}.txt`;
          const last = ended || lines.at(-1) === '' ? newline : '';
          writeFileSync(join(folder, name), lines.length === 0 ? '' : lines.join(newline) + last);
          expect(await sc.textFile(name, splits).collect()).toEqual(lines);
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('directories, gzip and whole files are read', async () => {
  await withContext({}, async ({ sc, folder }) => {
    mkdirSync(join(folder, 'in'));
    writeFileSync(join(folder, 'in/a.txt'), 'one\ntwo\n');
    writeFileSync(join(folder, 'in/b.gz'), gzipSync('three\nfour'));
    writeFileSync(join(folder, 'in/_hidden'), 'five');
    expect(await sc.textFile('in').collect()).toEqual(['one', 'two', 'three', 'four']);
    expect(await sc.wholeTextFiles('in/*.txt').collect()).toEqual([[join(folder, 'in/a.txt'), 'one\ntwo\n']]);
  });
});

test('what was saved is read back, and a failed save leaves nothing', async () => {
  await withContext({}, async ({ sc, folder }) => {
    const rows = sc.range(0, 100, 1, 3);
    await rows.saveAsTextFile('out', { compression: 'gzip' });
    const parts = ['part-00000.gz', 'part-00001.gz', 'part-00002.gz'];
    const sums = parts.map((part) => `.${part}.crc`);
    expect(readdirSync(join(folder, 'out')).sort()).toEqual([...sums, '_SUCCESS', ...parts]);
    expect((await sc.textFile('out').collect()).map(Number)).toEqual(await rows.collect());
    const failing = rows.map((n) => {
      if (n === 50) throw new TypeError('no fifty');
      return n;
    });
    await expect(failing.saveAsTextFile('bad')).rejects.toMatchObject({ code: 'TASK_FAILED' });
    expect(existsSync(join(folder, 'bad'))).toBe(false);
  });
});

test('a dataset cannot be used inside the function of another', async () => {
  await withContext({}, ({ sc }) => {
    const other = sc.range(3);
    expect(() => sc.range(3).map((n) => [n, other.getNumPartitions()])).toThrow(/RDD/);
    expect(() => sc.range(3).map(() => sc.range(1))).toThrow(/the context \(sc\)/);
  });
});

test('a place that cannot be written is named', async () => {
  await withContext({}, async ({ sc, folder }) => {
    writeFileSync(join(folder, 'file'), '');
    const save = sc.range(3).saveAsTextFile('file/deeper');
    await expect(save).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', message: /file\/deeper: / });
  });
});

test('what is no function, or has no rows, is refused where it is passed', async () => {
  await withContext({}, ({ sc }) => {
    expect(() => sc.range(3).map(undefined as never)).toThrow('map: expected a function, got undefined');
    expect(() =>
      sc
        .range(3)
        .keyBy(String)
        .reduceByKey(5 as never),
    ).toThrow('reduceByKey: expected a function, got 5');
    expect(() => sc.parallelize(5 as never)).toThrow(
      'parallelize: expected an array or iterable, got number',
    );
    expect(() => sc.parallelize(null as never)).toThrow(
      'parallelize: expected an array or iterable, got null',
    );
  });
});

test('undefined rows come last in both directions, however many', async () => {
  await withContext({}, async ({ sc }) => {
    const rows = [...Array.from({ length: 3000 }, () => undefined), 5, 7];
    for (const data of [rows, rows.toReversed()]) {
      const rdd = sc.parallelize(data, 1);
      expect(await rdd.top(3)).toEqual([7, 5, undefined]);
      expect(await rdd.takeOrdered(3)).toEqual([5, 7, undefined]);
    }
  });
});

test('captured values are those of the moment the operator was called', async () => {
  await withContext({}, async ({ sc }) => {
    const added = { by: 1 };
    const rdd = sc.range(3).map((n) => n + added.by);
    added.by = 100;
    expect(await rdd.collect()).toEqual([1, 2, 3]);
  });
});

test('no task sees what another did to captured values', async () => {
  await withContext({ executors: 1 }, async ({ sc }) => {
    const seen: number[] = [];
    const counts = new Map([['rows', 0]]);
    const note = (n: number) => seen.push(n);
    const rdd = sc.range(0, 6, 1, 3).map((n) => {
      counts.set('rows', counts.get('rows')! + 1);
      return [note(n), counts.get('rows')];
    });
    const fresh = [1, 2, 1, 2, 1, 2].map((n) => [n, n]);
    expect(await rdd.collect()).toEqual(fresh);
    expect(await rdd.collect()).toEqual(fresh);
    expect(seen).toEqual([]);
  });
});

test('a sort samples its keys in one visible job, shared by later actions', async () => {
  await withContext({}, async ({ sc, events }) => {
    const sorted = sc.parallelize([3, 1, 2], 2).sortBy((n) => n);
    await sorted.collect();
    await sorted.count();
    const jobs = events.filter((event) => event.type === 'jobStart');
    expect(jobs.map((job) => [job.name, job.preparesRddId !== undefined])).toEqual([
      ['sortBy: sample keys', true],
      ['collect', false],
      ['count', false],
    ]);
  });
});

test('a shuffle that is there already is skipped by the next action', async () => {
  await withContext({}, async ({ sc, events }) => {
    const counts = sc
      .parallelize(['a', 'b', 'a'], 2)
      .map((word) => [word, 1])
      .reduceByKey((a, b) => a + b);
    await counts.collect();
    await counts.count();
    expect(events.filter((event) => event.type === 'stageSkipped')).toHaveLength(1);
  });
});

test('when no dataset is reachable any more, nothing of them is kept', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  await withContext({}, async ({ sc, scheduler, folder }) => {
    await (async () => {
      const large = sc.parallelize(Array.from({ length: 50_000 }, (_, i) => `row ${i}`)).cache();
      const counts = large.map((row) => [row.length, 1]).reduceByKey((a, b) => a + b);
      await counts.sortByKey().collect();
      await counts.join(counts).zipWithIndex().count();
    })();
    const files = () =>
      readdirSync(join(folder, '.blocks'), { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile())
        .map((file) => file.name);
    for (let turn = 0; turn < 200 && !(scheduler.empty && files().length === 0); turn++) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([scheduler.empty, files()]).toEqual([true, []]);
  });
});
