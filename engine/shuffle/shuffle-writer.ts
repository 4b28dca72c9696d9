/**
 * Writes the output of one attempt of one map task: rows are gathered per reducer, encoded in columnar batches, and
 * at the end laid out as one data file and its index, which appear under their names only when complete.
 */
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { MapStatus } from '../rdd/plan.ts';
import { shuffleBlockId } from '../storage/block-id.ts';
import { ByteWriter } from '../storage/byte-writer.ts';
import { GrowthMeter } from '../storage/growth-meter.ts';
import type { ExecutionMemory } from '../storage/memory-manager.ts';
import { FRAME_ROWS, hadRoomForMore, writePairFrame, writeRowFrame } from '../storage/row-codec.ts';
import { blockNotWritten } from '../storage/write-error.ts';
import { directoryFor, executorDirectory } from './block-directory.ts';
import { encodeIndex, type IndexEntry, indexPath } from './map-output-index.ts';
import type { Partitioner } from './partitioner.ts';
import { RegionArena, StagedWrites } from './region-arena.ts';
import { hashPair, hashRow } from './row-hash.ts';
import { type ShuffleWriteMetrics, shuffleWriteMetrics } from './shuffle-metrics.ts';

export interface ShuffleWriterOptions {
  /** The application's block directory. */
  directory: string;
  executorId: string;
  shuffleId: number;
  mapIndex: number;
  /** Unique among all attempts of this map task: the task id. */
  attempt: number;
  numPartitions: number;
  partitioner: Partitioner;
  memory?: ExecutionMemory;
  metrics?: ShuffleWriteMetrics;
}

/** Rows that may wait in memory before they are encoded, over all reducers. */
const WAITING_ROWS = 1 << 19;
const MIN_BATCH = 64;
/** And the share of the memory they may take. */
const WAITING_SHARE = 1 / 8;

/** Writers of one process never encode at the same time. Not the row codec's own: cached rows may be moved to disk meanwhile. */
const scratch = new ByteWriter();

/** The rows waiting for one reducer: pairs as two arrays, or whole rows in `values` alone. */
interface Waiting {
  /** Filled up to `next`; the arrays are used again for every batch. */
  keys: unknown[];
  values: unknown[];
  next: number;
  count: number;
  /** Of the hashes of the rows, modulo 2³²: that of a whole is the sum of those of its parts. */
  sum: number;
}

interface Encoded {
  /** Of the hashes of all rows of the reducer so far. */
  sum: number;
  /** For one frame. */
  wereTooMany: boolean;
  started: number;
}

export class ShuffleWriter {
  private readonly options: ShuffleWriterOptions;
  private readonly partitioner: Partitioner;
  private readonly metrics: ShuffleWriteMetrics;
  private readonly waiting: Waiting[];
  /** Fewer while rows are large. */
  private batchRows: number;
  private readonly mostBatchRows: number;
  private readonly arena: RegionArena;
  private rowsEncoded = 0;
  private readonly meter = new GrowthMeter();
  private readonly mostWaitingBytes: number;
  private waitingBytes = 0;
  /** At the last look. */
  private rowBytes = 0;
  private rowsAtNextLook = 1;

  constructor(options: ShuffleWriterOptions) {
    this.options = options;
    this.partitioner = options.partitioner;
    this.metrics = options.metrics ?? shuffleWriteMetrics();
    this.waiting = Array.from({ length: options.numPartitions }, () => ({
      keys: [],
      values: [],
      next: 0,
      count: 0,
      sum: 0,
    }));
    this.mostBatchRows = Math.min(
      FRAME_ROWS,
      Math.max(MIN_BATCH, Math.floor(WAITING_ROWS / options.numPartitions)),
    );
    this.batchRows = this.mostBatchRows;
    this.mostWaitingBytes = (options.memory?.budget ?? Number.POSITIVE_INFINITY) * WAITING_SHARE;
    this.arena = new RegionArena(
      options.numPartitions,
      executorDirectory(options.directory, options.executorId),
      options.memory,
    );
  }

  private file(suffix: string, directory: string): string {
    const { shuffleId, mapIndex, attempt } = this.options;
    return path.join(directory, shuffleBlockId(shuffleId, mapIndex, attempt) + suffix);
  }

  /** Places the row [key, value] by its key. One writer takes either pairs or rows. */
  writePair(key: unknown, value: unknown): void {
    const reduceId = this.partitioner(key);
    const waiting = this.waiting[reduceId]!;
    waiting.keys[waiting.next] = key;
    waiting.values[waiting.next] = value;
    if (++waiting.next >= this.batchRows) this.encodePairs(reduceId);
    if (--this.meter.left === 0) this.look(key, value);
  }

  /** Places a row that has no key. */
  writeRow(row: unknown): void {
    const reduceId = this.partitioner(row);
    const waiting = this.waiting[reduceId]!;
    waiting.values[waiting.next] = row;
    if (++waiting.next >= this.batchRows) this.encodeRows(reduceId);
    if (--this.meter.left === 0) this.look(row);
  }

  /** Rows may be so large that far fewer may wait. */
  private look(value: unknown, more?: unknown): void {
    const rows = this.rowsAtNextLook;
    const bytes = this.meter.look(value, more);
    this.rowBytes = bytes / rows;
    this.rowsAtNextLook = this.meter.left;
    this.waitingBytes += bytes;
    if (this.waitingBytes > this.mostWaitingBytes) this.encodeWaiting();
  }

  private encodeWaiting(): void {
    for (let reduceId = 0; reduceId < this.waiting.length; reduceId++) {
      const waiting = this.waiting[reduceId]!;
      if (waiting.next === 0) continue;
      if (waiting.keys.length === 0) this.encodeRows(reduceId);
      else this.encodePairs(reduceId);
      // Else the arrays would keep the rows until others take their places.
      waiting.keys.length = waiting.values.length = 0;
    }
    this.waitingBytes = 0;
  }

  private encodePairs(reduceId: number): void {
    const started = performance.now();
    const waiting = this.waiting[reduceId]!;
    const { keys, values, next } = waiting;
    let { sum } = waiting;
    for (let i = 0; i < next; i++) sum = (sum + hashPair(keys[i], values[i])) | 0;
    keys.length = values.length = next;
    scratch.reset();
    const wereTooMany = writePairFrame(scratch, keys, values, this.rowsEncoded);
    this.append(reduceId, { sum, wereTooMany, started });
  }

  private encodeRows(reduceId: number): void {
    const started = performance.now();
    const waiting = this.waiting[reduceId]!;
    const { values, next } = waiting;
    let { sum } = waiting;
    for (let i = 0; i < next; i++) sum = (sum + hashRow(values[i])) | 0;
    values.length = next;
    scratch.reset();
    const wereTooMany = writeRowFrame(scratch, values, this.rowsEncoded);
    this.append(reduceId, { sum, wereTooMany, started });
  }

  /** What was encoded: its rows are no longer waiting. */
  private append(reduceId: number, { sum, wereTooMany, started }: Encoded): void {
    const waiting = this.waiting[reduceId]!;
    this.arena.append(reduceId, scratch.buffer.subarray(0, scratch.position));
    waiting.sum = sum;
    waiting.count += waiting.next;
    this.rowsEncoded += waiting.next;
    this.waitingBytes = Math.max(0, this.waitingBytes - waiting.next * this.rowBytes);
    const wereMany = waiting.next >= this.batchRows;
    waiting.next = 0;
    if (wereTooMany) this.batchRows = Math.max(1, this.batchRows >> 1);
    else if (wereMany && hadRoomForMore(scratch.position))
      this.batchRows = Math.min(this.mostBatchRows, this.batchRows * 2);
    this.metrics.writeTime += performance.now() - started;
  }

  /** Encodes what is left and puts both files in place. The writer is spent afterwards. */
  commit(): MapStatus {
    this.encodeWaiting();
    const started = performance.now();
    const { directory, executorId, shuffleId, mapIndex, numPartitions } = this.options;
    const sizes = new Float64Array(numPartitions);
    const rowChecksums = new Uint32Array(numPartitions);
    let total = 0;
    for (let reduceId = 0; reduceId < numPartitions; reduceId++) {
      sizes[reduceId] = this.arena.regionBytes(reduceId);
      total += sizes[reduceId]!;
    }
    const target = this.file('.data', directoryFor(directory, total));
    const temporary = `${target}.tmp`;
    const entries: IndexEntry[] = [];
    try {
      const fd = openSync(temporary, 'wx', 0o600);
      try {
        const staged = new StagedWrites(fd, total);
        let offset = 0;
        for (let reduceId = 0; reduceId < numPartitions; reduceId++) {
          const { count, sum } = this.waiting[reduceId]!;
          let crc = 0;
          this.arena.forEach(reduceId, (bytes) => {
            crc = crc32(bytes, crc);
            staged.write(bytes);
          });
          const rowChecksum = sum >>> 0;
          rowChecksums[reduceId] = rowChecksum;
          entries.push({ offset, length: sizes[reduceId]!, rows: count, crc, rowChecksum });
          offset += sizes[reduceId]!;
        }
        staged.flush();
      } finally {
        closeSync(fd);
      }
      const index = indexPath(target);
      writeFileSync(`${index}.tmp`, encodeIndex(target, entries), { mode: 0o600 });
      // The data first: an index never names data that is not there.
      renameSync(temporary, target);
      renameSync(`${index}.tmp`, index);
    } catch (error) {
      for (const file of [temporary, target, `${indexPath(target)}.tmp`]) rmSync(file, { force: true });
      throw blockNotWritten(error, path.dirname(target), 'the output of a shuffle');
    } finally {
      this.metrics.spilledBytes += this.arena.spilledBytes;
      this.arena.close();
    }
    this.metrics.bytes += total;
    this.metrics.records += this.rowsEncoded;
    this.metrics.writeTime += performance.now() - started;
    return { shuffleId, mapIndex, path: target, executorId, sizes, records: this.rowsEncoded, rowChecksums };
  }

  /** Gives up: nothing of this attempt is left behind. */
  abort(): void {
    this.arena.close();
    for (const waiting of this.waiting) {
      waiting.keys = [];
      waiting.values = [];
    }
  }
}
