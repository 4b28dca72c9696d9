/**
 * Partitions of a stage that are computed in pieces, and what came of the pieces so far. They outlive the attempt: a
 * piece that came through is not computed again when another could not read its input.
 */
import type { AccumulatorPartial } from '../rdd/accumulation.ts';
import type { JoinPiece, MapStatus, TaskResult } from '../rdd/plan.ts';
import { discardPartials } from './accumulate.ts';
import type { DagState } from './dag-state.ts';
import type { DagEvent } from './events.ts';
import type { Stage } from './stage.ts';

type TaskSucceeded = Extract<DagEvent, { type: 'taskSucceeded' }>;

interface PiecedPartition {
  /** The attempt that cut it: pieces of one before are of another cut, whatever their numbers. */
  since: number;
  pieces: JoinPiece[];
  ends: (TaskSucceeded | undefined)[];
}

export class StagePieces {
  /** By index in the stage. */
  readonly #partitions = new Map<number, PiecedPartition>();

  /** The pieces of a partition that are yet to be computed; undefined when it is whole. */
  missing(index: number): JoinPiece[] | undefined {
    const partition = this.#partitions.get(index);
    return partition?.pieces.filter(({ number }) => partition.ends[number] === undefined);
  }

  /** `attempt`: the one that is about to compute them. */
  cut(index: number, pieces: JoinPiece[], attempt: number): void {
    if (!this.#partitions.has(index)) this.#partitions.set(index, { since: attempt, pieces, ends: [] });
  }

  /**
   * Takes the end of a piece in. The end of the whole partition when this was the last; `waiting` when others are
   * missing; `unknown` when nobody waits for it. `combined`: what pieces write is not simply their part of the rows.
   */
  take(event: TaskSucceeded, combined = false): TaskSucceeded | 'waiting' | 'unknown' {
    const partition = this.#partitions.get(event.index);
    if (!partition || event.piece === undefined || event.attempt < partition.since) return 'unknown';
    if (partition.ends[event.piece]) return 'unknown';
    partition.ends[event.piece] = event;
    if (partition.pieces.some(({ number }) => partition.ends[number] === undefined)) return 'waiting';
    this.#partitions.delete(event.index);
    return whole(event, partition.ends as TaskSucceeded[], combined);
  }

  /** The ends of pieces that will not become a partition. */
  clear(): TaskSucceeded[] {
    const ends = [...this.#partitions.values()].flatMap((partition) => partition.ends);
    this.#partitions.clear();
    return ends.filter((end) => end !== undefined);
  }
}

/** The stage starts over or is needed no more: frees what its pieces left. */
export function discardPieces(state: DagState, stage: Stage): void {
  for (const { result, mapStatus, accumulators } of stage.pieces.clear()) {
    discardPartials(state, accumulators);
    if (result) state.command({ type: 'deleteResult', result });
    if (mapStatus) state.command({ type: 'deleteMapOutput', mapStatus });
  }
}

function whole(last: TaskSucceeded, ends: TaskSucceeded[], combined: boolean): TaskSucceeded {
  const { piece: _piece, result: _result, mapStatus: _status, accumulators: _added, ...event } = last;
  const end: TaskSucceeded = event;
  const accumulators = ends.flatMap((each): AccumulatorPartial[] => each.accumulators ?? []);
  if (accumulators.length > 0) end.accumulators = accumulators;
  const results = ends.flatMap(({ result }) => (result ? [result] : []));
  if (results.length > 0) end.result = joinedResult(results);
  const statuses = ends.flatMap(({ mapStatus }) => (mapStatus ? [mapStatus] : []));
  if (statuses.length > 0) end.mapStatus = joinedStatus(statuses, combined);
  return end;
}

function joinedResult([first, ...more]: TaskResult[]): TaskResult {
  return { ...first!, more };
}

/** Combined rows of pieces are not those of the whole: their checksums compare with nothing. */
function joinedStatus(statuses: MapStatus[], combined: boolean): MapStatus {
  const [first, ...more] = statuses as [MapStatus, ...MapStatus[]];
  const sizes = Float64Array.from(first.sizes);
  for (const status of more) for (let i = 0; i < sizes.length; i++) sizes[i]! += status.sizes[i]!;
  const records = more.reduce((sum, status) => sum + status.records, first.records);
  const known = !combined && statuses.every(({ rowChecksums }) => rowChecksums.length > 0);
  const rowChecksums = known ? Uint32Array.from(first.rowChecksums) : new Uint32Array();
  // Elements of such an array wrap around modulo 2³².
  for (let i = 0; i < rowChecksums.length; i++)
    for (const status of more) rowChecksums[i]! += status.rowChecksums[i]!;
  return { ...first, sizes, records, rowChecksums, more, disordered: true };
}
