/** Marks say rows and times of a line, follow their lines through edits, and vanish where the text was changed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgress } from '../../engine/fold/progress.ts';
import type { JobView, StageView } from '../../engine/fold/state.ts';
import type { CallSite } from '../../engine/protocol.ts';
import { operatorTimesText } from '../jobs/operator-times.ts';
import { lineDetails, lineText, operatorMarks, placeNow, rangeAt, unchangedLines } from './source-marks.ts';

const site = (name: string, line: number, column: number, endLine = line): CallSite => ({
  file: 'cell:a',
  cellId: 'a',
  line,
  column,
  endLine,
  endColumn: column + name.length + 2,
  name,
});

function stage(
  stageId: number,
  sites: CallSite[],
  rows: number[],
  change: Partial<StageView> = {},
): StageView {
  const rdds = sites.map((callSite, index) => ({
    rddId: stageId * 10 + index,
    name: callSite.name,
    callSite,
    parentIds: [],
    numPartitions: 1,
    storageLevel: 'NONE',
  }));
  return {
    key: `${stageId}.0`,
    info: { stageId, attempt: 0, kind: 'result', name: 'x', numTasks: 1, parentIds: [], rdds },
    status: 'complete',
    jobIds: [stageId],
    submittedAt: 1000,
    completedAt: 2200,
    progress: { ...createProgress(stageId, 0), rowsByRdd: rows },
    ...change,
  };
}

const job = (jobId: number, callSite: CallSite): JobView => ({
  jobId,
  name: 'count',
  status: 'succeeded',
  startedAt: 1000,
  endedAt: 1500,
  stageIds: [jobId],
  skippedStageIds: [],
  skippedReasons: {},
  callSite,
});

describe('marks', () => {
  it('say the rows of each operator and the time of the stage where it ends', () => {
    const marks = operatorMarks([stage(0, [site('textFile', 1, 4), site('map', 2, 3)], [9, 1234])], []);
    expect(marks.map((mark) => lineText([mark], 0))).toEqual(['9 rows', '1,234 rows · stage 0 1.20 s']);
    expect(lineText(marks, 0)).toBe('textFile 9 → map 1,234 rows · stage 0 1.20 s');
    const one = operatorMarks([stage(0, [site('textFile', 1, 4), site('map', 2, 3)], [9, 1])], []);
    expect(lineText(one, 0)).toBe('textFile 9 → map 1 row · stage 0 1.20 s');
    expect(marks.map(({ stageKeys }) => stageKeys)).toEqual([['0.0'], ['0.0']]);
  });

  it('say the time of each operator, a shuffle’s with what was written for it, an action’s of its own', () => {
    const timed = (one: StageView, byRdd: number[], shuffleRead: number, output: number): StageView => ({
      ...one,
      progress: { ...one.progress, operatorTimes: { byRdd, shuffleRead, output } },
    });
    const map = timed(stage(0, [site('textFile', 1, 4), site('map', 1, 20)], [9, 1234]), [300, 0.4], -1, 600);
    map.info = { ...map.info, kind: 'shuffleMap' };
    const reduce = timed(
      stage(1, [site('reduceByKey', 2, 3), site('filter', 2, 30)], [7, 5]),
      [90, -1],
      30,
      40,
    );
    reduce.info.rdds[0]!.parentIds = [map.info.rdds[1]!.rddId];
    reduce.info.rdds[1]!.parentIds = [reduce.info.rdds[0]!.rddId];
    const marks = operatorMarks([map, reduce], [job(1, site('collect', 3, 9))]);
    const byLine = [1, 2, 3].map((line) => marks.filter((mark) => mark.site.line === line));
    expect(byLine.map((each) => lineText(each, 0))).toEqual([
      'textFile 9 (≈300 ms) → map 1,234 (<1 ms) rows · stage 0 1.20 s',
      'reduceByKey 7 (≈720 ms) → filter 5 rows · stage 1 1.20 s',
      'collect ≈40 ms · job 1 500 ms',
    ]);
    expect(lineDetails(byLine[1]!, 0).split('\n')[0]).toBe(
      'reduceByKey: 7 rows, ≈720 ms of its tasks' +
        "' time, shuffle write ≈600 ms, shuffle read ≈30 ms, itself ≈90 ms.",
    );
    expect(lineText([marks[0]!], 0)).toBe('9 rows · ≈300 ms');
    expect([operatorTimesText(map), operatorTimesText(reduce)]).toEqual([
      'shuffle write ≈600 ms · textFile ≈300 ms · map <1 ms',
      'reduceByKey ≈90 ms · action ≈40 ms · shuffle read ≈30 ms',
    ]);
    expect(operatorTimesText({ ...map, status: 'skipped' })).toBe('');
  });

  it('add the times of one stage up, and forget those of the round before', () => {
    const twice = [site('map', 2, 3), site('map', 2, 3)];
    const round = (stageId: number, byRdd: number[]): StageView => {
      const one = stage(stageId, twice, [1, 1]);
      const operatorTimes = { byRdd, shuffleRead: -1, output: -1 };
      return { ...one, progress: { ...one.progress, operatorTimes } };
    };
    const [mark] = operatorMarks([round(0, [100, 200]), round(1, [3, 4])], []);
    expect([...mark!.times]).toEqual([['own', 7]]);
  });

  it('add up the rounds of a loop and name the action by its jobs', () => {
    const sites = [site('map', 2, 3)];
    const stages = [stage(0, sites, [5]), stage(1, sites, [6]), stage(2, sites, [7], { status: 'failed' })];
    const marks = operatorMarks(stages, [job(0, site('count', 2, 12)), job(1, site('count', 2, 12))]);
    expect(lineText(marks, 0)).toBe('7 rows · last of 3 · 3 stages 3.60 s · 2 jobs 1.00 s');
    expect(marks[1]!.stageKeys).toEqual(['0.0', '1.0']);
  });

  it('give jobs that wait no time', () => {
    const waiting: JobView = { ...job(4, site('count', 2, 12)), status: 'waiting', endedAt: undefined };
    const textOf = (...jobs: JobView[]) => operatorMarks([], jobs).map((mark) => lineText([mark], 9000));
    expect(textOf(waiting)).toEqual(['job 4 waits']);
    expect(textOf(job(3, site('count', 2, 12)), waiting)).toEqual(['job 3 500 ms · job 4 waits']);
  });

  it('keep the rows of what a later stage did not compute because it read the cache above it', () => {
    const sites = [site('textFile', 1, 1), site('map', 2, 1), site('filter', 3, 1)];
    const cached = (one: StageView) => {
      const rdds = one.info.rdds.map((rdd, index) => ({
        ...rdd,
        storageLevel: index === 1 ? 'MEMORY_ONLY' : 'NONE',
        parentIds: index === 0 ? [] : [rdd.rddId - 1],
      }));
      return { ...one, info: { ...one.info, rdds } };
    };
    const first = cached(stage(0, sites, [9, 8, 0]));
    const second = cached(stage(1, sites, [0, 8, 3]));
    expect(operatorMarks([first, second], []).map(({ rows }) => rows)).toEqual([9, 8, 3]);
    expect(operatorMarks([first], []).map(({ rows }) => rows)).toEqual([9, 8, 0]);
  });

  it('say what is not complete in words, and nothing of what never ran', () => {
    const failed = operatorMarks([stage(3, [site('map', 1, 1)], [-1], { status: 'failed' })], []);
    expect(lineText(failed, 0)).toBe('stage 3 1.20 s failed');
    const { submittedAt: _submitted, ...waiting } = stage(4, [site('map', 1, 1)], [-1], {
      status: 'pending',
    });
    expect(lineText(operatorMarks([waiting], []), 0)).toBe('');
  });
});

describe('places', () => {
  const ran = 'const a = 1;\nrows\n  .map(f)\n  .filter(g);\nend';
  const place = (one: CallSite, now: string) => placeNow(one, ran.split('\n'), unchangedLines(ran, now));

  it('move with their lines', () => {
    expect(place(site('map', 3, 4), `// new\n${ran}`)).toMatchObject({ line: 4, endLine: 4, column: 4 });
    expect(place(site('filter', 4, 4), ran.replace('end', 'END'))).toMatchObject({ line: 4 });
    expect(place(site('map', 3, 4, 4), ran.replace('const a', 'let a'))).toMatchObject({
      line: 3,
      endLine: 4,
    });
  });

  it('vanish where the text was edited, or never was', () => {
    expect(place(site('map', 3, 4), ran.replace('map(f)', 'map(g)'))).toBeUndefined();
    expect(place(site('map', 3, 4, 4), ran.replace('  .filter', '  // note\n  .filter'))).toBeUndefined();
    expect(place(site('map', 2, 4), ran)).toBeUndefined();
    expect(place(site('map', 99, 1), ran)).toBeUndefined();
  });

  it('match only equal lines, in order', () => {
    const line = fc.constantFrom('a', 'b', 'c', '');
    const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        let last = 0;
        for (const [from, to] of [...unchangedLines(before, after)].sort(([a], [b]) => a - b)) {
          expect(after.split('\n')[to - 1]).toBe(before.split('\n')[from - 1]);
          expect(to).toBeGreaterThan(last);
          last = to;
        }
        if (before === after) expect(last).toBe(before.split('\n').length);
      }),
      { numRuns: 300 },
    );
  });

  it('find the innermost call at the cursor', () => {
    const range = (line: number, column: number, endLine: number, endColumn: number, name: string) => ({
      range: { line, column, endLine, endColumn },
      name,
    });
    const ranges = [range(1, 5, 3, 4, 'outer'), range(2, 3, 2, 9, 'inner'), range(5, 1, 5, 4, 'other')];
    expect(rangeAt(ranges, 2, 4)?.name).toBe('inner');
    expect(rangeAt(ranges, 2, 9)?.name).toBe('inner');
    expect(rangeAt(ranges, 2, 12)?.name).toBe('outer');
    expect(rangeAt(ranges, 4, 1)).toBeUndefined();
  });
});
