/** What the source shows of a run: each operator's place, its rows, its time and that of its stage. Pure. */
import { diffIndices } from 'node-diff3';
import type { JobView, StageView } from '../../engine/fold/state.ts';
import type { CallSite } from '../../engine/protocol.ts';
import { rowsByOperator } from '../jobs/job-stages.ts';
import { formatSampled, stageTimes } from '../jobs/operator-times.ts';
import { LOOP_LENGTH } from '../jobs/run-jobs.ts';
import { stageSignature } from '../stage-dag/dag-groups.ts';
import { formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { STATE_LOOKS } from '../ui/state-looks.ts';

/** Positions count from 1, the end is exclusive. */
export interface TextRange {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface OperatorMark {
  site: CallSite;
  /** Keys of the stages that hold it, and of earlier attempts. */
  stageKeys: string[];
  /** Rows that left it, of the last stage that counted them. */
  rows: number | undefined;
  /** What it took in all tasks of these stages together, milliseconds by part; of a shuffle, its writing included. */
  times: Map<TimePart, number>;
  /** Stages it closes: their time is told here. */
  ends: StageView[];
  /** How often a loop called it: datasets it made for equal stages. */
  rounds: number;
  /** Jobs it submitted, when it is an action. */
  jobs: JobView[];
}

/** `own`: the operator itself, or the work of an action. */
export type TimePart = 'shuffle write' | 'shuffle read' | 'own';

const siteKeys = new WeakMap<CallSite, string>();

function siteKey(site: CallSite): string {
  let key = siteKeys.get(site);
  if (key === undefined) {
    key = `${site.cellId}:${site.line}:${site.column}:${site.name}`;
    siteKeys.set(site, key);
  }
  return key;
}

/** The operators and actions of some jobs' stages, by place. Sites outside of cells are left out. */
export function operatorMarks(stages: readonly StageView[], jobs: readonly JobView[]): OperatorMark[] {
  const marks = new Map<string, OperatorMark & { made: Map<string, Set<number>> }>();
  const at = (site: CallSite) => {
    const key = siteKey(site);
    let mark = marks.get(key);
    if (!mark) {
      mark = {
        site,
        stageKeys: [],
        rows: undefined,
        times: new Map(),
        ends: [],
        rounds: 0,
        jobs: [],
        made: new Map(),
      };
      marks.set(key, mark);
    }
    return mark;
  };
  const resultOf = new Map<number, StageView>();
  const timedBy = new Map<OperatorMark, StageView>();
  const writers = new Map<number, StageView>();
  for (const stage of stages) {
    const written = stage.info.kind === 'shuffleMap' ? stage.info.rdds.at(-1) : undefined;
    if (written && stage.submittedAt !== undefined) writers.set(written.rddId, stage);
  }
  for (const stage of stages) {
    if (stage.info.kind === 'result') for (const jobId of stage.jobIds) resultOf.set(jobId, stage);
    const signature = stageSignature(stage);
    const rowsOut = rowsByOperator(stage);
    let last: OperatorMark | undefined;
    for (const [index, { callSite, rddId }] of stage.info.rdds.entries()) {
      if (callSite?.cellId === undefined) continue;
      const mark = at(callSite);
      last = mark;
      if (mark.stageKeys.at(-1) !== stage.key) mark.stageKeys.push(stage.key);
      const equal = mark.made.get(signature) ?? new Set();
      mark.made.set(signature, equal.add(rddId));
      mark.rounds = Math.max(mark.rounds, equal.size);
      mark.rows = rowsOut[index] ?? mark.rows;
      const parts = timesAt(stage, index, writers);
      // As the rows: of the last round that has any. A call may make several datasets of one stage.
      if (parts.size > 0 && timedBy.get(mark) !== stage) mark.times = new Map();
      if (parts.size > 0) timedBy.set(mark, stage);
      for (const [part, time] of parts) mark.times.set(part, (mark.times.get(part) ?? 0) + time);
    }
    if (last && stage.submittedAt !== undefined) last.ends.push(stage);
  }
  for (const job of jobs) {
    if (job.callSite?.cellId === undefined || job.preparesRddId !== undefined) continue;
    const mark = at(job.callSite);
    mark.jobs.push(job);
    const result = resultOf.get(job.jobId);
    const own = result && stageTimes(result).output;
    if (own !== undefined) mark.times = new Map([['own', own]]);
    if (result && !mark.stageKeys.includes(result.key)) mark.stageKeys.push(result.key);
  }
  return [...marks.values()].map(({ made: _made, ...mark }) => mark);
}

/** The parts of a dataset's time: where it reads what other stages wrote, that writing is its work too. */
function timesAt(
  stage: StageView,
  index: number,
  writers: ReadonlyMap<number, StageView>,
): Map<TimePart, number> {
  const parts = new Map<TimePart, number>();
  const { byOperator, shuffleRead } = stageTimes(stage);
  const { rdds } = stage.info;
  const here = new Set(rdds.map(({ rddId }) => rddId));
  const outside = (parentIds: readonly number[]) => parentIds.filter((rddId) => !here.has(rddId));
  const add = (part: TimePart, time: number | undefined) => {
    if (time !== undefined) parts.set(part, (parts.get(part) ?? 0) + time);
  };
  for (const rddId of outside(rdds[index]!.parentIds)) {
    const writer = writers.get(rddId);
    if (writer) add('shuffle write', stageTimes(writer).output);
  }
  // Several readers in one stage: whose reading it was is not known.
  const readers = rdds.filter(({ parentIds }) => outside(parentIds).length > 0);
  if (readers.length === 1 && readers[0] === rdds[index]) add('shuffle read', shuffleRead);
  add('own', byOperator[index]);
  return parts;
}

const sumOf = ({ times }: OperatorMark) =>
  times.size > 0 ? [...times.values()].reduce((sum, time) => sum + time, 0) : undefined;

const timeOf = (stage: StageView, now: number) => (stage.completedAt ?? now) - (stage.submittedAt ?? now);

function stagesText(ends: readonly StageView[], now: number): string {
  if (ends.length === 0) return '';
  const time = formatDuration(ends.reduce((sum, stage) => sum + timeOf(stage, now), 0));
  if (ends.length > 1) return `${formatPlural(ends.length, 'stage')} ${time}`;
  const [stage] = ends as [StageView];
  const { word } = STATE_LOOKS[stage.status];
  return `stage ${stage.info.stageId} ${time}${stage.status === 'complete' ? '' : ` ${word}`}`;
}

const isAction = ({ jobs }: OperatorMark) => jobs.length > 0;

/** `1,234 rows · ≈20 ms` */
function alone(mark: OperatorMark): string {
  const time = sumOf(mark);
  return [
    mark.rows !== undefined && formatPlural(mark.rows, 'row'),
    time !== undefined && !isAction(mark) && formatSampled(time),
  ]
    .filter((part) => part !== false)
    .join(' · ');
}

/** `map 1,234 (≈20 ms)` */
function oneOf(mark: OperatorMark): string {
  const time = isAction(mark) ? undefined : sumOf(mark);
  const said = [
    mark.site.name,
    mark.rows !== undefined && formatCount(mark.rows),
    time !== undefined && `(${formatSampled(time)})`,
  ];
  return said.filter((part) => part !== false).join(' ');
}

/** What stands behind the operators of one line: rows out of each and its time, then those of the stages that end there. */
export function lineText(marks: readonly OperatorMark[], now: number): string {
  const counted = marks.filter((mark) => mark.rows !== undefined || (mark.times.size > 0 && !isAction(mark)));
  const rounds = Math.max(0, ...counted.map((mark) => mark.rounds));
  const parts: string[] = [];
  if (counted.length === 1) parts.push(alone(counted[0]!));
  else if (counted.length > 1) {
    const last = counted.findLast((mark) => mark.rows !== undefined)?.rows;
    const noun = last === undefined ? '' : last === 1 ? ' row' : ' rows';
    parts.push(`${counted.map(oneOf).join(' → ')}${noun}`);
  }
  if (parts.length > 0 && rounds >= LOOP_LENGTH) parts.push(`last of ${formatCount(rounds)}`);
  const stages = stagesText(
    marks.flatMap(({ ends }) => ends),
    now,
  );
  if (stages) parts.push(stages);
  const submitted = marks.flatMap((mark) => mark.jobs);
  const jobs = submitted.filter(({ status }) => status !== 'waiting');
  if (jobs.length > 0) {
    const time = jobs.reduce((sum, job) => sum + ((job.endedAt ?? now) - job.startedAt), 0);
    const own = marks.flatMap((mark) => (mark.jobs.length > 0 ? (sumOf(mark) ?? []) : []));
    if (own.some((each) => each >= 1))
      parts.push(`${jobNames(marks)} ${formatSampled(own.reduce((sum, each) => sum + each, 0))}`);
    parts.push(
      `${jobs.length === 1 ? `job ${jobs[0]!.jobId}` : formatPlural(jobs.length, 'job')} ${formatDuration(time)}`,
    );
  }
  const waiting = submitted.filter((job) => !jobs.includes(job));
  if (waiting.length > 0)
    parts.push(
      waiting.length === 1 ? `job ${waiting[0]!.jobId} waits` : `${formatPlural(waiting.length, 'job')} wait`,
    );
  return parts.join(' · ');
}

const jobNames = (marks: readonly OperatorMark[]) =>
  [...new Set(marks.filter(({ jobs }) => jobs.length > 0).map(({ site }) => site.name))].join(', ');

/** The same in full sentences: of each operator the parts of its time. */
export function lineDetails(marks: readonly OperatorMark[], now: number): string {
  const sentences = marks.flatMap((mark) => {
    const { site, rows, times } = mark;
    const said: string[] = [];
    if (rows !== undefined) said.push(formatPlural(rows, 'row'));
    const time = sumOf(mark);
    const named = [...times].filter(([part]) => part !== 'own');
    if (time !== undefined) said.push(`${formatSampled(time)} of its tasks' time`);
    for (const [part, each] of named) said.push(`${part} ${formatSampled(each)}`);
    if (named.length > 0 && times.has('own')) said.push(`itself ${formatSampled(times.get('own')!)}`);
    return said.length > 0 ? [`${site.name}: ${said.join(', ')}.`] : [];
  });
  const stages = stagesText(
    marks.flatMap(({ ends }) => ends),
    now,
  );
  if (stages) sentences.push(`From start to end: ${stages}.`);
  sentences.push(
    'Rows are those that left an operator. Its time is that of all tasks together, without what came before it, measured on a sample of the rows.',
  );
  return sentences.join('\n');
}

/** Of each line of `ran`, its line in `now` while it is unchanged; lines count from 1. */
export function unchangedLines(ran: string, now: string): Map<number, number> {
  const [before, after] = [ran.split('\n'), now.split('\n')];
  const same = new Map<number, number>();
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) {
    same.set(head + 1, head + 1);
    head += 1;
  }
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before.at(-1 - tail) === after.at(-1 - tail)
  ) {
    same.set(before.length - tail, after.length - tail);
    tail += 1;
  }
  const [middle, other] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  if (middle.length === 0 || other.length === 0) return same;
  let [at, to] = [0, 0];
  const copy = (until: number) => {
    while (at < until) same.set(head + ++at, head + ++to);
  };
  for (const { buffer1, buffer2 } of diffIndices(middle, other)) {
    copy(buffer1[0]);
    at = buffer1[0] + buffer1[1];
    to = buffer2[0] + buffer2[1];
  }
  copy(middle.length);
  return same;
}

/**
 * Where a range of the text that ran stands now: undefined when one of its lines was edited since, or when the text
 * that ran does not have the named call there.
 */
export function placeNow(
  site: CallSite,
  ranLines: readonly string[],
  lines: ReadonlyMap<number, number>,
): TextRange | undefined {
  const text = ranLines[site.line - 1];
  if (text === undefined || !text.startsWith(site.name, site.column - 1)) return undefined;
  const line = lines.get(site.line);
  if (line === undefined) return undefined;
  for (let at = site.line; at <= site.endLine; at += 1)
    if (lines.get(at) !== line + at - site.line) return undefined;
  return { line, column: site.column, endLine: line + site.endLine - site.line, endColumn: site.endColumn };
}

const before = (line: number, column: number, otherLine: number, otherColumn: number) =>
  line < otherLine || (line === otherLine && column < otherColumn);

/** The innermost of the ranges that hold a place; ends count as inside, as a cursor behind the call is at it. */
export function rangeAt<T extends { range: TextRange }>(
  ranges: readonly T[],
  line: number,
  column: number,
): T | undefined {
  let best: T | undefined;
  for (const one of ranges) {
    const { range } = one;
    if (before(line, column, range.line, range.column)) continue;
    if (before(range.endLine, range.endColumn, line, column)) continue;
    if (!best || before(best.range.line, best.range.column, range.line, range.column)) best = one;
  }
  return best;
}
