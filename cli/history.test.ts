import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateEvents } from '../engine/fold/event-generator.ts';
import { EventLog } from '../engine/kernel/event-log.ts';
import { stringifyEvent } from '../engine/kernel/event-log-format.ts';
import type { StagelightEvent } from '../engine/protocol.ts';
import { runHistory } from './history.ts';

const folder = mkdtempSync(join(tmpdir(), 'history-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The event log of a run as the first version with logs wrote it, before there were pools, barriers or adaptive plans. */
const FIRST_LOG = [
  '{"type":"logStart","format":"stagelight-events","version":1,"boot":"b","time":1}',
  '{"seq":1,"type":"applicationStart","appId":"app","name":"sums","time":27,"executors":1,"executorMemory":1073741824,"version":"0.1.0"}',
  '{"seq":2,"type":"executorAdded","executorId":"0","slot":0,"pid":26348,"time":783}',
  '{"seq":3,"type":"executorMetrics","heapUsed":9521368,"rss":73101312,"storageMemory":0,"executionMemory":0,"executorId":"0","time":1282}',
  '{"seq":4,"type":"cellStarted","cellId":"c1","runId":"run-1","time":1476,"executionCount":1,"source":"await sc.range(0, 8, 1, 2).map((n) => [n % 2, n] as [number, number]).reduceByKey((a, b) => a + b, 1).collect();"}',
  '{"seq":5,"type":"jobStart","jobId":0,"name":"collect","time":2178,"stages":[{"stageId":0,"attempt":0,"kind":"shuffleMap","name":"map at cell c1:1:28","numTasks":2,"parentIds":[],"rdds":[{"rddId":0,"name":"range","parentIds":[],"numPartitions":2,"storageLevel":"NONE"},{"rddId":1,"name":"map","parentIds":[0],"numPartitions":2,"storageLevel":"NONE"}],"shuffleId":0},{"stageId":1,"attempt":0,"kind":"result","name":"collect at cell c1:1:103","numTasks":1,"parentIds":[0],"rdds":[{"rddId":2,"name":"reduceByKey","parentIds":[1],"numPartitions":1,"storageLevel":"NONE"}]}],"runId":"run-1","cellId":"c1"}',
  '{"seq":6,"type":"stageSubmitted","stage":{"stageId":0,"attempt":0,"kind":"shuffleMap","name":"map at cell c1:1:28","numTasks":2,"parentIds":[],"rdds":[{"rddId":0,"name":"range","parentIds":[],"numPartitions":2,"storageLevel":"NONE"},{"rddId":1,"name":"map","parentIds":[0],"numPartitions":2,"storageLevel":"NONE"}],"shuffleId":0},"jobIds":[0],"time":2178}',
  '{"seq":7,"type":"taskStart","task":{"taskId":0,"stageId":0,"stageAttempt":0,"index":0,"partition":0,"attempt":0,"executorId":"0","launchTime":2181}}',
  '{"seq":8,"type":"taskEnd","task":{"taskId":0,"stageId":0,"stageAttempt":0,"index":0,"partition":0,"attempt":0,"executorId":"0","launchTime":2181},"finishTime":2195,"status":"success","reason":{"kind":"success"},"metrics":{"schedulerDelay":7.7,"executorDeserializeTime":3.7,"executorRunTime":6.9,"shuffleWriteTime":1.9,"executorCpuTime":6.3,"peakExecutionMemory":16384,"shuffleWriteBytes":48,"shuffleWriteRecords":2}}',
  '{"seq":9,"type":"taskStart","task":{"taskId":1,"stageId":0,"stageAttempt":0,"index":1,"partition":1,"attempt":0,"executorId":"0","launchTime":2195}}',
  '{"seq":10,"type":"taskEnd","task":{"taskId":1,"stageId":0,"stageAttempt":0,"index":1,"partition":1,"attempt":0,"executorId":"0","launchTime":2195},"finishTime":2212,"status":"success","reason":{"kind":"success"},"metrics":{"schedulerDelay":15.7,"executorRunTime":0.7,"shuffleWriteTime":0.4,"executorCpuTime":0.7,"peakExecutionMemory":16384,"shuffleWriteBytes":48,"shuffleWriteRecords":2}}',
  '{"seq":11,"type":"stageCompleted","stageId":0,"attempt":0,"time":2212,"status":"complete"}',
  '{"seq":12,"type":"stageSubmitted","stage":{"stageId":1,"attempt":0,"kind":"result","name":"collect at cell c1:1:103","numTasks":1,"parentIds":[0],"rdds":[{"rddId":2,"name":"reduceByKey","parentIds":[1],"numPartitions":1,"storageLevel":"NONE"}]},"jobIds":[0],"time":2212}',
  '{"seq":13,"type":"taskStart","task":{"taskId":2,"stageId":1,"stageAttempt":0,"index":0,"partition":0,"attempt":0,"executorId":"0","launchTime":2213}}',
  '{"seq":14,"type":"taskEnd","task":{"taskId":2,"stageId":1,"stageAttempt":0,"index":0,"partition":0,"attempt":0,"executorId":"0","launchTime":2213},"finishTime":2310,"status":"success","reason":{"kind":"success"},"metrics":{"schedulerDelay":0.5,"executorDeserializeTime":0,"shuffleReadTime":6.6,"executorRunTime":8.6,"resultSerializationTime":28.6,"gettingResultTime":59.9,"executorCpuTime":3.8,"resultSize":48,"peakExecutionMemory":48,"shuffleReadBytes":96,"shuffleReadRecords":4,"shuffleFetchWaitTime":6}}',
  '{"seq":15,"type":"stageCompleted","stageId":1,"attempt":0,"time":2310,"status":"complete"}',
  '{"seq":16,"type":"jobEnd","jobId":0,"time":2310,"status":"succeeded"}',
  '{"seq":17,"type":"cellFinished","cellId":"c1","runId":"run-1","time":2337,"status":"ok"}',
  '{"seq":18,"type":"executorRemoved","executorId":"0","time":2410,"reason":"shut down","code":"shutdown"}',
  '{"seq":19,"type":"applicationEnd","time":2417}',
].join('\n');

async function history(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await runHistory(argv, {
    write: (text) => (out += text),
    writeError: (text) => (err += text),
  });
  return { code, out, err };
}

function logOf(name: string, events: StagelightEvent[]): string {
  const path = join(folder, name);
  const log = new EventLog({ path, boot: 'b' });
  log.append(events.map(stringifyEvent));
  log.close();
  return path;
}

test('the JSON counts what the events say', async () => {
  const events = [...generateEvents({ seed: 5, jobs: 20 })];
  const { code, out } = await history(logOf('a.jsonl', events), '--json');
  const { summary, jobs, stages } = JSON.parse(out);
  const count = (wanted: (event: StagelightEvent) => boolean): number => events.filter(wanted).length;
  expect(code).toBe(0);
  expect(summary).toMatchObject({
    jobs: 20,
    failedJobs: count((event) => event.type === 'jobEnd' && event.status === 'failed'),
    stages: count((event) => event.type === 'stageCompleted'),
    failedStages: count((event) => event.type === 'stageCompleted' && event.status === 'failed'),
    tasks: count((event) => event.type === 'taskEnd'),
    failedTasks: count((event) => event.type === 'taskEnd' && event.status === 'failed'),
    killedTasks: count((event) => event.type === 'taskEnd' && event.status === 'killed'),
    runningTasks: 0,
    executors: count((event) => event.type === 'executorAdded'),
    executorsLost: count((event) => event.type === 'executorRemoved'),
    events: events.length,
  });
  const start = events.find((event) => event.type === 'applicationStart')!;
  const end = events.find((event) => event.type === 'applicationEnd')!;
  expect(summary.durationMs).toBe(end.time - start.time);
  expect(jobs.length).toBe(20);
  expect(stages.flatMap((stage: { errors: unknown[] }) => stage.errors).length).toBeGreaterThan(0);
});

test('the text names jobs, stages with quantiles, and failures', async () => {
  const { code, out } = await history(logOf('b.jsonl', [...generateEvents({ seed: 5, jobs: 20 })]));
  expect(code).toBe(0);
  expect(out).toMatch(/^generated: .* executors/);
  expect(out).toMatch(/20 jobs \(\d+ failed\), \d+ stages \(\d+ failed, \d+ skipped\), \d+ tasks/);
  expect(out).toMatch(/Job 0 collect: succeeded/);
  expect(out).toMatch(/Min +25th +Median +75th +Max/);
  expect(out).toMatch(/ Duration +\d/);
  expect(out).toMatch(/partition \d+, attempt \d+: task \d+ threw/);
});

test('what was broken on purpose is listed, and the stages say what it led to', async () => {
  const stage = { stageId: 1, name: 'map', numTasks: 1, parentIds: [], rdds: [] };
  const fault = { kind: 'dropBlock', stageId: 1, partition: 3 } as const;
  const reader = { stageId: 2, stageAttempt: 0, partition: 0 };
  const cause = { code: 'MAP_OUTPUT_LOST', executorId: '0', reader, message: 'gone', faultId: 1 } as const;
  const path = logOf('faults.jsonl', [
    {
      type: 'applicationStart',
      appId: 'a',
      name: 'broken',
      time: 1_000,
      executors: 1,
      executorMemory: 1,
      version: '1',
    },
    { type: 'faultInjected', faultId: 1, fault, by: 'Ada\u001b[2J', blocks: 1, time: 3_000 },
    {
      type: 'stageSubmitted',
      stage: { ...stage, kind: 'shuffleMap', attempt: 1 },
      jobIds: [0],
      time: 4_000,
      recomputes: [{ partitions: [3], cause }],
    },
    // Of a later version, say.
    { type: 'faultInjected', faultId: 2, fault: { kind: 'flood' } as never, time: 5_000 },
  ]);
  const { out } = await history(path);
  expect(out).toContain(
    'Faults\n  Block of map partition 3 of stage 1 was dropped from the page by Ada\ufffd[2J, after 2.0 s\n' +
      '  Something was broken from the page, after 4.0 s\n',
  );
  expect(out).toContain(
    '    Stage 1 partition 3 computed again: its map output was lost (dropped from the page',
  );
  expect(JSON.parse((await history(path, '--json')).out).faults[0]).toMatchObject({
    kind: 'dropBlock',
    by: 'Ada\u001b[2J',
    afterMs: 2_000,
  });
});

test('a log cut in the middle says what still ran, and text from it cannot steer the terminal', async () => {
  const path = logOf('c.jsonl', [
    {
      type: 'applicationStart',
      appId: 'a',
      name: '\u001b[2Jevil\nname',
      time: 1,
      executors: 1,
      executorMemory: 1,
      version: '',
    },
    ...[...generateEvents({ seed: 6, unfinished: true, jobs: 1 })].filter(
      ({ type }) => type !== 'applicationStart',
    ),
  ]);
  const { out } = await history(path);
  expect(out.split('\n')[0]).toMatch(/^\u{fffd}\[2Jevil name: /u);
  expect(out).toMatch(/Job 0 collect: running/);
});

test('what cannot be read exits with 1, one line and a hint; wrong arguments with 2', async () => {
  const path = join(folder, 'd.txt');
  writeFileSync(path, 'hello\n');
  expect(await history(path)).toEqual({
    code: 1,
    out: '',
    err:
      `stagelight history: ${path} is not a Stagelight event log\n` +
      "Its first line must be the header that 'stagelight run --events FILE' writes.\n",
  });
  expect((await history(join(folder, 'none'))).err).toMatch(
    /^stagelight history: cannot read .*: there is no such file\n/,
  );
  expect((await history()).code).toBe(2);
  expect((await history('a', '--wrong')).err).toMatch(/^stagelight history: there is no option --wrong\n/);
});

test('pools, barriers, second copies, exclusions and adaptive plans are told', async () => {
  const stage = {
    stageId: 0,
    attempt: 0,
    kind: 'result',
    name: 'count',
    numTasks: 3,
    parentIds: [],
    rdds: [],
  } as const;
  const barrier = { ...stage, parentIds: [], rdds: [], barrier: true as const };
  const at = { stageId: 0, stageAttempt: 0, executorId: '1', time: 2 };
  const log = logOf('sharing.jsonl', [
    { type: 'jobStart', jobId: 0, name: 'count', pool: 'etl', time: 0, stages: [barrier] },
    { type: 'stageSubmitted', stage: barrier, jobIds: [0], pool: 'etl', time: 1 },
    {
      type: 'adaptivePlan',
      stageId: 0,
      attempt: 0,
      time: 1,
      kind: 'coalesce',
      reason: '9 into 3',
      partitions: 9,
      tasks: 3,
    },
    { type: 'speculativeTaskSubmitted', index: 0, partition: 0, reason: 'slow', ...at },
    { type: 'executorExcluded', failedTasks: 1, reason: '1 task failed on it', ...at },
    { type: 'stageCompleted', stageId: 0, attempt: 0, time: 5, status: 'complete' },
    { type: 'jobEnd', jobId: 0, time: 5, status: 'succeeded' },
  ]);
  const { out } = await history(log);
  expect(out).toContain('Job 0 count: succeeded, 5 ms, pool etl, 1 stage, 0 tasks');
  expect(out.split('\n').filter((line) => /^ {4}\S+( etl)?: /.test(line))).toEqual([
    '    pool etl: it shares the executors by the weight of this pool',
    '    barrier: all 3 tasks start together, each on an executor of its own',
    '    coalesced: 9 into 3',
    '    speculation: 1 partition was found slow, to be run in a second copy when another executor is free',
    '    excluded: executor 1 gets no more tasks of this stage: 1 task failed on it',
  ]);
  const { jobs, stages } = JSON.parse((await history(log, '--json')).out);
  expect(jobs[0].pool).toBe('etl');
  expect(stages[0]).toMatchObject({
    pool: 'etl',
    barrier: true,
    speculated: 1,
    excludedExecutors: [{ executorId: '1', reason: '1 task failed on it' }],
    adaptive: [{ kind: 'coalesce', partitions: 9, tasks: 3 }],
  });
});

test('a log of before pools, barriers, copies and adaptive plans opens as it did', async () => {
  const path = join(folder, 'first.jsonl');
  writeFileSync(path, FIRST_LOG);
  const { code, out, err } = await history(path);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.split('\n');
  expect(lines[1]).toBe('1 job (0 failed), 2 stages (0 failed, 0 skipped), 3 tasks (0 failed, 0 killed)');
  expect(
    lines.filter((line) => /^ {2}(Job|Stage) /.test(line)).map((line) => line.replace(/, \S+ m?s,/, ',')),
  ).toEqual([
    '  Job 0 collect: succeeded, 2 stages, 3 tasks',
    '  Stage 0 map at cell c1:1:28: complete, 2 of 2 tasks',
    '  Stage 1 collect at cell c1:1:103: complete, 1 of 1 task',
  ]);
});
