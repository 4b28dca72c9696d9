import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { generateEvents } from '../fold/event-generator.ts';
import { createViewState, fold } from '../fold/fold.ts';
import { KEEP_ALL } from '../fold/fold-options.ts';
import { toSnapshot } from '../fold/snapshot.ts';
import type { ViewState } from '../fold/state.ts';
import { encodeRows } from '../fold/task-columns-codec.ts';
import type { StagelightEvent } from '../protocol.ts';
import { EventLog } from './event-log.ts';
import { stringifyEvent } from './event-log-format.ts';
import { openEventLog, readEventLog } from './event-log-reader.ts';
import { keyframePath } from './keyframes.ts';

const folder = mkdtempSync(join(tmpdir(), 'event-log-'));
let files = 0;
const newPath = (): string => join(folder, `${files++}.jsonl`);
afterAll(() => rmSync(folder, { recursive: true }));

function writeLog(events: StagelightEvent[], keyframeInterval?: number): string {
  const path = newPath();
  const log = new EventLog({ path, boot: 'boot', clock: new ManualClock(5), keyframeInterval });
  for (let start = 0; start < events.length; start += 30) {
    const batch = events.slice(start, start + 30);
    log.append(batch.map(stringifyEvent), keyframeInterval ? batch : undefined);
  }
  log.close();
  return path;
}

function foldedTo(events: StagelightEvent[], count: number): ViewState {
  const state = createViewState('boot');
  for (const event of events.slice(0, count)) fold(state, structuredClone(event), KEEP_ALL);
  state.seq = count;
  return state;
}

/** The whole state: the snapshot, and every stage's columns as bytes. */
function content(state: ViewState): unknown {
  const columns = [...state.stages.values()].map(({ key, tasks }) => [
    key,
    tasks && [
      Buffer.from(encodeRows(tasks, 0, tasks.length)).toString('base64'),
      tasks.executorIds,
      [...tasks.errors],
    ],
  ]);
  return JSON.parse(JSON.stringify({ snapshot: toSnapshot(state), columns, taskRows: state.taskRows }));
}

async function collect(path: string, warnings: string[] = []): Promise<StagelightEvent[]> {
  const events: StagelightEvent[] = [];
  for await (const { seq, event } of readEventLog(path, { onWarning: (text) => warnings.push(text) })) {
    expect(seq).toBe(events.push(event));
  }
  return events;
}

const failure = (path: string): Promise<string> =>
  openEventLog(path).then(
    () => 'no error',
    (error: Error) => error.message.replaceAll(path, 'FILE'),
  );

test('what is written is read back, zero metrics included, though they are not in the file', async () => {
  const events = [...generateEvents({ seed: 1 })];
  const path = writeLog(events);
  expect(await collect(path)).toEqual(events);
  expect(readFileSync(path, 'utf8')).not.toMatch(/"gcTime":0[,}]/);
  expect(existsSync(keyframePath(path))).toBe(false);
});

test('the last keyframe and the lines after it give the state of the whole log, at any point of it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 20, max: 150 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (seed, interval, share) => {
        const events = [...generateEvents({ seed, unfinished: seed % 3 === 0 })];
        const written = writeLog(events, interval);
        const rebuilt = writeLog(events);
        const whole = content(foldedTo(events, events.length));
        expect(content(await openEventLog(rebuilt, { keyframeInterval: interval }))).toEqual(whole);
        expect(existsSync(keyframePath(rebuilt))).toBe(events.length >= interval);
        const untilSeq = Math.max(1, Math.floor(share * events.length));
        for (const path of [written, rebuilt]) {
          expect(content(await openEventLog(path))).toEqual(whole);
          expect(content(await openEventLog(path, { untilSeq }))).toEqual(
            content(foldedTo(events, untilSeq)),
          );
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('rows of a stage larger than a chunk are written once and come back', async () => {
  const events = [...generateEvents({ seed: 4, jobs: 1, tasksPerStage: 12_000 })];
  const path = writeLog(events, 2_000);
  expect(events.length).toBeGreaterThan(10_000);
  // Break the log before the keyframes: only a reader that starts from one of them succeeds.
  const bytes = readFileSync(path);
  bytes.fill(35, 2_000, 3_000);
  writeFileSync(path, bytes);
  expect(content(await openEventLog(path))).toEqual(content(foldedTo(events, events.length)));
  expect(statSync(keyframePath(path)).size).toBeLessThan(events.length * 400);
});

test('keyframes that are damaged, torn or of another log are ignored', async () => {
  const events = [...generateEvents({ seed: 9 })];
  const whole = content(foldedTo(events, events.length));
  const path = writeLog(events, 100);
  const good = readFileSync(keyframePath(path));
  const other = writeLog([...generateEvents({ seed: 10 })], 100);
  const damaged = Buffer.from(good);
  for (let at = 600; at < damaged.length; at += 500) damaged[at]! ^= 255;
  const variants = [
    damaged,
    good.subarray(0, 5),
    good.subarray(0, good.length - 7),
    readFileSync(keyframePath(other)),
  ];
  for (const variant of [...variants, Buffer.alloc(0), Buffer.alloc(100, 255)]) {
    writeFileSync(keyframePath(path), variant);
    expect(content(await openEventLog(path))).toEqual(whole);
  }
});

test('a last line cut short is left out with a warning', async () => {
  const events = [...generateEvents({ seed: 2 })];
  const path = writeLog(events);
  appendFileSync(path, '{"seq":9999,"type":"jobE');
  const warnings: string[] = [];
  expect(await collect(path, warnings)).toEqual(events);
  expect(warnings).toEqual([
    `${path} line ${events.length + 2}: the last line is cut short and was left out`,
  ]);
});

test('what cannot be read is named with its file and line', async () => {
  const header = { type: 'logStart', format: 'stagelight-events', version: 1, boot: 'b', time: 0 };
  const log = (...lines: unknown[]): string => {
    const path = newPath();
    writeFileSync(
      path,
      lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
    );
    return path;
  };
  const cases: [string, string][] = [
    [log(), 'FILE is empty'],
    [log('hello'), 'FILE is not a Stagelight event log'],
    [log({ Event: 'SparkListenerLogStart' }), 'FILE is an Apache Spark event log, which is not read yet'],
    [log({ ...header, version: 7 }), 'FILE has event log version 7; this program reads up to version 1'],
    [log(header, '{"seq":1,'), 'FILE line 2 is not JSON'],
    [log(header, 'null'), 'FILE line 2 is not an event'],
    [log(header, { type: 'applicationEnd' }), 'FILE line 2 has no sequence number'],
    [log(header, { seq: 1, type: 'toString' }), 'FILE line 2 has an unknown event type "toString"'],
    [log(header, { seq: 1, type: 'taskStart' }), 'FILE line 2 has a taskStart event with missing fields'],
    [log(header, { seq: 1, type: 'taskEnd' }), 'FILE line 2 has a taskEnd event with missing fields'],
    [join(folder, 'nowhere.jsonl'), 'cannot read FILE: there is no such file'],
    [folder, 'cannot read FILE: it is a folder'],
  ];
  for (const [path, message] of cases) expect(await failure(path)).toBe(message);
});

test('lines wait in the buffer for at most 50 ms or 64 KB', () => {
  const path = newPath();
  const clock = new ManualClock();
  const log = new EventLog({ path, boot: 'b', clock });
  const lines = (): number => readFileSync(path, 'utf8').split('\n').length - 1;
  const event = stringifyEvent({ type: 'applicationEnd', time: 1 });
  log.append([event]);
  expect(lines()).toBe(1);
  clock.advance(50);
  expect(lines()).toBe(2);
  log.append(Array.from({ length: 2_000 }, () => event));
  expect(lines()).toBeGreaterThan(1_000);
  log.close();
  expect(lines()).toBe(2_002);
  log.append([event]);
  expect(lines()).toBe(2_002);
});

test('lines of any length and of any characters come back as they were', async () => {
  const texts = ['', 'ä€😀', 'x'.repeat(70_000), '€'.repeat(200_000), 'y', '😀'.repeat(90_000), 'z'];
  const events = texts.map((text): StagelightEvent => ({ type: 'rddName', rddId: 1, name: text }));
  const path = writeLog(events);
  expect(await collect(path)).toEqual(events);
});

test('a log that cannot be opened is refused with the path and a hint', () => {
  const path = join(folder, 'missing', 'log.jsonl');
  expect(() => new EventLog({ path, boot: 'b' })).toThrow(`cannot write the event log ${path}: ENOENT`);
});

test('a log ends with whole lines before it grows past its bound', async () => {
  const path = join(folder, 'bounded.jsonl');
  const log = new EventLog({ path, boot: 'b', clock: new ManualClock(1), maxBytes: 2_000 });
  const event = stringifyEvent({ type: 'applicationEnd', time: 1 });
  for (let i = 0; i < 100; i++) {
    log.append([event]);
    log.flush();
  }
  log.close();
  const text = readFileSync(path, 'utf8');
  expect(text.length).toBeLessThanOrEqual(2_000);
  expect(text.length).toBeGreaterThan(1_900);
  for (const line of text.trimEnd().split('\n')) JSON.parse(line);
});
