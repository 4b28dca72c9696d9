/**
 * Answers that every page asks for ten times a second, as they travel: with the names of fields once instead of once a
 * row, and times as small whole numbers. An answer is packed once for all who asked and a fifth of its own JSON.
 */
import type { StageTasksAnswer, TaskRow, TimelineAnswer, ViewAnswer } from '../viewer-protocol.ts';
import { type PackedRecords, packRecords, unpackRecords } from './packed-records.ts';
import { PHASES } from './timeline-index.ts';

type Slice = TimelineAnswer['lanes'][number]['slices'][number];
type SliceTask = NonNullable<Slice['task']>;

export type PackedTasks = Omit<StageTasksAnswer, 'rows'> & { packed: PackedRecords };

export type PackedTimeline = Omit<TimelineAnswer, 'lanes'> & {
  /** Keys of stages, which slices name by their place from 1. */
  stages: string[];
  packed: PackedLane[];
};

interface PackedLane {
  key: string;
  label: string;
  /**
   * `SLICE` numbers each, times in hundredths of a millisecond: start, counted from that of the slice before, and
   * length; tasks, those that failed, those that run; stage or 0; the phases.
   */
  slices: number[];
  /** `TASK` numbers for each slice of one task: which slice; the task's numbers; what is special about it. */
  tasks: number[];
}

export type PackedAnswer =
  | Exclude<ViewAnswer, StageTasksAnswer | TimelineAnswer>
  | PackedTasks
  | PackedTimeline;

const SLICE = 6 + PHASES;
const TASK = 8;
const SPECULATIVE = 1;
const KILLED = 2;

export function packAnswer(answer: ViewAnswer): PackedAnswer {
  if (answer.type === 'timeline') return packTimeline(answer);
  if (answer.type !== 'stageTasks') return answer;
  const { rows, ...rest } = answer;
  return { ...rest, packed: packRecords(rows) };
}

export function unpackAnswer(answer: PackedAnswer): ViewAnswer {
  if (answer.type === 'timeline') return unpackTimeline(answer);
  if (answer.type !== 'stageTasks') return answer;
  const { packed, ...rest } = answer;
  return { ...rest, rows: unpackRecords(packed) as unknown as TaskRow[] };
}

/** Slices hold times that are rounded to this already. */
const hundredths = (time: number) => Math.round(time * 100);

function packTimeline({ lanes, ...rest }: TimelineAnswer): PackedTimeline {
  const places = new Map<string, number>();
  const placeOf = (stage: string | undefined) => {
    if (stage === undefined) return 0;
    const known = places.get(stage);
    if (known === undefined) places.set(stage, places.size + 1);
    return known ?? places.size;
  };
  const packed = lanes.map(({ key, label, slices }): PackedLane => {
    const numbers: number[] = [];
    const tasks: number[] = [];
    let before = 0;
    for (let i = 0; i < slices.length; i++) {
      const { start, end, count, failed, running, stage, phases, task } = slices[i]!;
      const from = hundredths(start);
      numbers.push(from - before, hundredths(end) - from, count, failed, running, placeOf(stage));
      for (let phase = 0; phase < PHASES; phase++) numbers.push(hundredths(phases[phase]!));
      if (task) tasks.push(i, ...packTask(task));
      before = from;
    }
    return { key, label, slices: numbers, tasks };
  });
  return { ...rest, stages: [...places.keys()], packed };
}

function packTask(task: SliceTask): number[] {
  const { taskId, stageId, stageAttempt, partition, attempt, numPartitions = 1 } = task;
  const special = (task.speculative ? SPECULATIVE : 0) + (task.killed ? KILLED : 0);
  return [taskId, stageId, stageAttempt, partition, attempt, numPartitions, special];
}

function unpackTimeline({ packed, stages, ...rest }: PackedTimeline): TimelineAnswer {
  const lanes = packed.map(({ key, label, slices: numbers, tasks }) => {
    const slices: Slice[] = [];
    let from = 0;
    for (let at = 0; at < numbers.length; at += SLICE) {
      from += numbers[at]!;
      const phases: number[] = [];
      for (let phase = at + 6; phase < at + SLICE; phase++) phases.push(numbers[phase]! / 100);
      const slice: Slice = {
        start: from / 100,
        end: (from + numbers[at + 1]!) / 100,
        count: numbers[at + 2]!,
        failed: numbers[at + 3]!,
        running: numbers[at + 4]!,
        phases,
      };
      const stage = stages[numbers[at + 5]! - 1];
      if (stage !== undefined) slice.stage = stage;
      slices.push(slice);
    }
    for (let at = 0; at < tasks.length; at += TASK) slices[tasks[at]!]!.task = unpackTask(tasks, at + 1);
    return { key, label, slices };
  });
  return { ...rest, lanes };
}

function unpackTask(numbers: number[], at: number): SliceTask {
  const [taskId, stageId, stageAttempt, partition, attempt, numPartitions, special] = numbers.slice(
    at,
    at + TASK - 1,
  ) as [number, number, number, number, number, number, number];
  return {
    taskId,
    stageId,
    stageAttempt,
    partition,
    attempt,
    ...(numPartitions > 1 && { numPartitions }),
    ...(special & SPECULATIVE ? { speculative: true as const } : {}),
    ...(special & KILLED ? { killed: true as const } : {}),
  };
}
