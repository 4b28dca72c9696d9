/** The pretended disk of simulated executors: the map outputs and results that tasks leave, by path. */
import type { MapRange, MapStatus, StagePlan, TaskResult } from '../rdd/plan.ts';
import type { TaskEnd } from './backend.ts';
import { type Choices, mix } from './test-random.ts';
import { decodeResult, type Row, sortRows } from './test-rows.ts';

/** One of the files tasks leave: rows by reducer of a map output, or all under 0 of a result. */
type Regions = Map<number, Row[]>;
const NO_ROWS: Row[] = [];

export class TestDisk {
  readonly files = new Map<string, Regions>();
  /** Cached partitions that all executors read, by `rdd generation partition`. */
  readonly shared = new Map<string, Row[]>();
  /** With it, some results come as files. */
  choices: Choices | undefined;
  #paths = 0;
  readonly #damaged = new Set<string>();

  /** The file is gone, and nobody has been told. */
  damage(path: string): void {
    this.files.delete(path);
    this.#damaged.add(path);
  }

  removeFile(path: string): void {
    if (path.endsWith('.index')) return;
    const existed = this.files.delete(path) || this.#damaged.delete(path);
    if (!existed) throw new Error(`${path} was freed twice`);
  }

  /** Nobody will hear of it: as the files of a task that ends badly, or with its executor. */
  drop({ result, mapStatus }: Pick<TaskEnd, 'result' | 'mapStatus'>): void {
    if (mapStatus) this.files.delete(mapStatus.path);
    if (result && 'file' in result) this.files.delete(result.file);
  }

  writeResult(plan: StagePlan, rows: Row[]): TaskResult {
    const isCollected = plan.output.kind === 'result' && plan.output.action.kind === 'collect';
    if (!isCollected || !this.choices?.chance(0.3))
      return { bytes: new TextEncoder().encode(JSON.stringify(rows)) };
    const file = `nowhere/result_${this.#paths++}`;
    this.files.set(file, new Map([[0, rows]]));
    return { file, length: rows.length, crc: 0 };
  }

  readResult(result: TaskResult): Row[] {
    const { more = [] } = result;
    if (more.length > 0) {
      const pieces = [{ ...result, more: [] }, ...more];
      return sortRows(pieces.flatMap((piece) => this.readResult(piece)));
    }
    if ('bytes' in result) return decodeResult(result);
    const rows = this.files.get(result.file)?.get(0);
    // A job's results belong to whoever submitted it.
    this.removeFile(result.file);
    if (!rows) throw new Error(`${result.file} was freed while in use`);
    return rows;
  }

  writeMapOutput(
    shuffleId: number,
    mapIndex: number,
    reducers: number,
    rows: Row[],
    executorId: string,
  ): MapStatus {
    const regions: Regions = new Map();
    const rowChecksums = new Uint32Array(reducers);
    for (const row of rows) {
      const reduceId = row.value % reducers;
      const region = regions.get(reduceId);
      if (region) region.push(row);
      else regions.set(reduceId, [row]);
      rowChecksums[reduceId]! += mix(mix(row.value, row.origin), row.draw);
    }
    const path = `nowhere/shuffle_${shuffleId}_${mapIndex}_${this.#paths++}.data`;
    this.files.set(path, regions);
    const sizes = new Float64Array(reducers);
    for (let r = 0; r < reducers; r++) sizes[r] = regions.get(r)?.length ?? 0;
    return { shuffleId, mapIndex, path, executorId, sizes, records: rows.length, rowChecksums };
  }

  /** What a reducer reads of the map outputs that the plan names; throws `MissingOutput` at the first that is gone. */
  fetch(
    plan: StagePlan,
    shuffleId: number,
    reduceId: number,
    { from, to }: MapRange = { from: 0, to: Number.POSITIVE_INFINITY },
  ): Row[] {
    const input = plan.shuffleInputs.find((candidate) => candidate.shuffleId === shuffleId)!;
    return input.maps.flatMap(({ path, mapIndex, executorId }) => {
      if (mapIndex < from || mapIndex >= to) return NO_ROWS;
      const regions = this.files.get(path);
      if (regions) return regions.get(reduceId) ?? NO_ROWS;
      const message = `no output ${mapIndex} of shuffle ${shuffleId}`;
      throw new MissingOutput({ kind: 'fetchFailed', shuffleId, mapIndex, reduceId, executorId, message });
    });
  }
}

/** A map output, or a cached partition that all executors read. */
export class MissingOutput extends Error {
  readonly reason: TaskEnd['reason'];

  constructor(reason: TaskEnd['reason']) {
    super('a block is missing');
    this.reason = reason;
  }
}
