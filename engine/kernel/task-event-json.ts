/**
 * The JSON of the starts and ends of tasks, of which there are thousands a second: the same text that `JSON.stringify`
 * would make, except that metrics that are zero are left out and that a whole fraction may end in zeros; in a third of its time.
 */
import {
  type OperatorTimes,
  type StagelightEvent,
  TASK_METRICS,
  type TaskInfo,
  type TaskMetrics,
} from '../protocol.ts';

type TaskStart = Extract<StagelightEvent, { type: 'taskStart' }>;
type TaskEnd = Extract<StagelightEvent, { type: 'taskEnd' }>;

type Whole<Field extends never> = Field;
/** A field that is added to one of these is an error here until it is written below. */
export type Written = Whole<
  | Exclude<keyof TaskStart, 'type' | 'task' | 'reason'>
  | Exclude<
      keyof TaskEnd,
      'type' | 'task' | 'finishTime' | 'status' | 'reason' | 'metrics' | 'rowsByRdd' | 'operatorTimes'
    >
  | Exclude<keyof OperatorTimes, 'byRdd' | 'shuffleRead' | 'output'>
  | Exclude<
      keyof TaskInfo,
      | 'taskId'
      | 'stageId'
      | 'stageAttempt'
      | 'index'
      | 'partition'
      | 'attempt'
      | 'executorId'
      | 'launchTime'
      | 'speculative'
      | 'numPartitions'
    >
>;

export function taskStartJson({ task, reason }: TaskStart): string {
  const why = reason === undefined ? '' : `,"reason":${JSON.stringify(reason)}`;
  return `{"type":"taskStart","task":${taskJson(task)}${why}}`;
}

export function taskEndJson(event: TaskEnd): string {
  const { task, finishTime, status, reason, metrics, rowsByRdd, operatorTimes } = event;
  const why = reason.kind === 'success' ? '{"kind":"success"}' : JSON.stringify(reason);
  let text = `{"type":"taskEnd","task":${taskJson(task)},"finishTime":${timeJson(finishTime)},"status":"${status}","reason":${why},"metrics":${metricsJson(metrics)}`;
  if (rowsByRdd) text += `,"rowsByRdd":${numbersJson(rowsByRdd)}`;
  if (operatorTimes) {
    const { byRdd, shuffleRead, output } = operatorTimes;
    text += `,"operatorTimes":{"byRdd":${numbersJson(byRdd)},"shuffleRead":${numberJson(shuffleRead)},"output":${numberJson(output)}}`;
  }
  return `${text}}`;
}

function taskJson(task: TaskInfo): string {
  const { taskId, stageId, stageAttempt, index, partition, attempt, executorId, launchTime } = task;
  const { speculative, numPartitions } = task;
  let text = `{"taskId":${taskId},"stageId":${stageId},"stageAttempt":${stageAttempt},"index":${index},"partition":${partition},"attempt":${attempt},"executorId":${JSON.stringify(executorId)},"launchTime":${timeJson(launchTime)}`;
  if (speculative) text += ',"speculative":true';
  if (numPartitions !== undefined) text += `,"numPartitions":${numPartitions}`;
  return `${text}}`;
}

function metricsJson(metrics: TaskMetrics): string {
  let text = '';
  for (const name of TASK_METRICS) {
    const value = metrics[name];
    if (value) text += `${text === '' ? '"' : ',"'}${name}":${numberJson(value)}`;
  }
  return `{${text}}`;
}

function numbersJson(values: readonly number[]): string {
  let text = '';
  for (let i = 0; i < values.length; i++)
    text += i === 0 ? numberJson(values[i]!) : `,${numberJson(values[i]!)}`;
  return `[${text}]`;
}

const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
/** Larger ones in thousandths are no small integers to the engine. */
const MOST_FAST = 1_000_000;

/** A number of at most three decimals by integers alone; others, rare here, as the language does. */
function numberJson(value: number): string {
  if (value >= 0 && value < MOST_FAST) {
    const thousandths = Math.round(value * 1000);
    if (thousandths / 1000 === value) {
      const whole = Math.floor(thousandths / 1000);
      const fraction = thousandths - whole * 1000;
      return fraction === 0 ? `${whole}` : `${whole}.${THREE_DIGITS[fraction]}`;
    }
  }
  return Number.isFinite(value) ? `${value}` : 'null';
}

/** In seconds of the epoch: beyond, a microsecond is less than the last digit. */
const FAR_FUTURE = 8e9;
let lastSecond = -1;
let lastSecondText = '';

/** A time of the epoch in milliseconds; the seconds are mostly those of the time before. */
function timeJson(time: number): string {
  const second = Math.floor(time / 1000);
  const micros = Math.round((time - second * 1000) * 1000);
  const isUsual = second > 0 && second < FAR_FUTURE && micros < 1_000_000;
  if (isUsual && (second * 1_000_000 + micros) / 1000 === time) {
    if (second !== lastSecond) {
      lastSecond = second;
      lastSecondText = `${second}`;
    }
    const ms = Math.floor(micros / 1000);
    return `${lastSecondText}${THREE_DIGITS[ms]}.${THREE_DIGITS[micros - ms * 1000]}`;
  }
  return numberJson(time);
}
