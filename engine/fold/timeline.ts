/** The answer to a timeline query: the visible range reduced to pixels, with exact counts at every zoom. */
import type { TimelineAnswer, ViewQuery } from '../viewer-protocol.ts';
import { LaneReducer } from './lane-reducer.ts';
import type { StageView, ViewState } from './state.ts';
import { byNumberThenText } from './task-table.ts';
import type { Lane } from './timeline-index.ts';
import { laneIndex } from './timeline-index.ts';

type TimelineQuery = Extract<ViewQuery, { type: 'timeline' }>;
type TimelineLane = TimelineAnswer['lanes'][number];

/** More partitions, or executors, than this share lanes in runs of neighbours. */
const MAX_LANES = 128;
const MAX_WIDTH = 4_096;
/** Pixels that a task must be wide to be a slice of its own; doubled until the answer fits in a message. */
const MIN_PIXELS = 2;
const MAX_ANSWER_BYTES = 230_000;
const LANE_BYTES = 80;
const MERGED_BYTES = 170;
const SINGLE_BYTES = 260;

interface LaneSource {
  key: string;
  label: string;
  parts: { stage: StageView; lane: Lane }[];
}

export function timeline(state: ViewState, query: TimelineQuery, now: number): TimelineAnswer {
  const wanted = query.jobIds && new Set(query.jobIds);
  const stages = [...state.stages.values()].filter(
    (stage) =>
      stage.tasks &&
      (!wanted || stage.jobIds.some((jobId) => wanted.has(jobId) && ranFor(state, stage, jobId))),
  );
  const sources = query.lanes === 'executor' ? executorLanes(state, stages, !wanted) : partitionLanes(stages);
  const extent = extentOf(sources, now);
  const [from, to] = rangeOf(query, extent);
  const totalTasks = stages.reduce((sum, stage) => sum + (stage.tasks?.length ?? 0), 0);
  const width = Math.max(1, Math.min(MAX_WIDTH, Math.floor(query.width) || 1));
  let lanes: TimelineLane[] = [];
  for (let pixels = MIN_PIXELS; ; pixels *= 2) {
    const bucket = (Math.max(to - from, 1e-3) * pixels) / width;
    const reduced = reduceLanes(sources, from, to, bucket, now);
    lanes = reduced.lanes;
    if (reduced.bytes <= MAX_ANSWER_BYTES || pixels >= width) break;
  }
  return { type: 'timeline', from, to, extent, totalTasks, lanes };
}

function reduceLanes(
  sources: LaneSource[],
  from: number,
  to: number,
  bucket: number,
  now: number,
): { lanes: TimelineLane[]; bytes: number } {
  const reducer = new LaneReducer(from, to, bucket, now);
  let bytes = 200;
  const lanes = sources.map(({ key, label, parts }) => {
    for (const { stage, lane } of parts) reducer.add(stage, lane);
    const slices = reducer.take();
    bytes += LANE_BYTES;
    for (const slice of slices) bytes += slice.task ? SINGLE_BYTES : MERGED_BYTES;
    return { key, label, slices };
  });
  return { lanes, bytes };
}

function rangeOf(query: TimelineQuery, extent: [number, number]): [number, number] {
  const from = query.from ?? extent[0];
  const to = query.to ?? extent[1];
  return to > from ? [from, to] : extent;
}

function extentOf(sources: LaneSource[], now: number): [number, number] {
  let first = Infinity;
  let last = -Infinity;
  for (const { parts } of sources) {
    for (const { lane } of parts) {
      first = Math.min(first, lane.firstLaunch);
      last = Math.max(last, lane.lastEnd(now));
    }
  }
  return first <= last ? [first, last] : [now, now];
}

/** Executors that live have a lane even when idle: an idle executor is something to see. */
function executorLanes(state: ViewState, stages: StageView[], withIdle: boolean): LaneSource[] {
  const parts = new Map<string, LaneSource['parts']>();
  if (withIdle) {
    for (const executor of state.executors.values()) {
      if (executor.removedAt === undefined) parts.set(executor.executorId, []);
    }
  }
  for (const stage of stages) {
    const tasks = stage.tasks!;
    for (const [at, lane] of laneIndex(tasks, 'executor').lanes) {
      const executorId = tasks.executorIds[at]!;
      const known = parts.get(executorId);
      if (known) known.push({ stage, lane });
      else parts.set(executorId, [{ stage, lane }]);
    }
  }
  const ids = [...parts.keys()].sort(byNumberThenText);
  const band = Math.ceil(ids.length / MAX_LANES);
  const lanes: LaneSource[] = [];
  for (let i = 0; i < ids.length; i += band) {
    const group = ids.slice(i, i + band);
    const [first, last] = [group[0]!, group.at(-1)!];
    lanes.push({
      key: first,
      label: group.length === 1 ? `Executor ${first}` : `Executors ${first}–${last}`,
      parts: group.flatMap((executorId) => parts.get(executorId)!),
    });
  }
  return lanes;
}

function partitionLanes(stages: StageView[]): LaneSource[] {
  let partitions = 0;
  for (const { tasks } of stages) {
    for (let row = 0; row < tasks!.length; row++)
      partitions = Math.max(partitions, tasks!.partition[row]! + 1);
  }
  const band = Math.max(1, Math.ceil(partitions / MAX_LANES));
  const parts = new Map<number, LaneSource['parts']>();
  for (const stage of stages) {
    for (const [at, lane] of laneIndex(stage.tasks!, band).lanes) {
      const known = parts.get(at);
      if (known) known.push({ stage, lane });
      else parts.set(at, [{ stage, lane }]);
    }
  }
  return [...parts]
    .sort(([a], [b]) => a - b)
    .map(([at, laneParts]) => {
      const first = at * band;
      const last = Math.min(first + band, partitions) - 1;
      return {
        key: String(first),
        label: first === last ? `Partition ${first}` : `Partitions ${first}–${last}`,
        parts: laneParts,
      };
    });
}

/** A stage that an earlier job ran belongs to the later job's graph, but its tasks are not the later job's. */
function ranFor(state: ViewState, stage: StageView, jobId: number): boolean {
  const job = state.jobs.get(jobId);
  if (job?.skippedStageIds.includes(stage.info.stageId)) return false;
  // An attempt that was over before: the job had a later one, to make again what was lost.
  return (stage.completedAt ?? Number.POSITIVE_INFINITY) >= (job?.startedAt ?? 0);
}
