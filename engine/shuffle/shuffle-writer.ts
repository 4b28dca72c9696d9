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
import type { ExecutionMemory } from '../storage/memory-manager.ts';
import { FRAME_ROWS, writePairFrame, writeRowFrame } from '../storage/row-codec.ts';
import { directoryFor } from './block-directory.ts';
import { encodeIndex, type IndexEntry, indexPath } from './map-output-index.ts';
import type { Partitioner } from './partitioner.ts';
import { RegionArena, writeFully } from './region-arena.ts';
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

/** The rows waiting for one reducer: pairs as two arrays, or whole rows in `values` alone. */
interface Waiting {
  keys: unknown[];
  values: unknown[];
  count: number;
  sum: number;
  xor: number;
}

export class ShuffleWriter {
  private readonly options: ShuffleWriterOptions;
  private readonly partitioner: Partitioner;
  private readonly metrics: ShuffleWriteMetrics;
  private readonly waiting: Waiting[];
  private readonly batchRows: number;
  private readonly arena: RegionArena;
  private readonly scratch = new ByteWriter();
  private rowsEncoded = 0;

  constructor(options: ShuffleWriterOptions) {
    this.options = options;
    this.partitioner = options.partitioner;
    this.metrics = options.metrics ?? shuffleWriteMetrics();
    this.waiting = Array.from({ length: options.numPartitions }, () => ({
      keys: [],
      values: [],
      count: 0,
      sum: 0,
      xor: 0,
    }));
    this.batchRows = Math.min(
      FRAME_ROWS,
      Math.max(MIN_BATCH, Math.floor(WAITING_ROWS / options.numPartitions)),
    );
    this.arena = new RegionArena(options.numPartitions, this.file('.spill'), options.memory);
  }

  private file(suffix: string, directory = this.options.directory): string {
    const { shuffleId, mapIndex, attempt } = this.options;
    return path.join(directory, shuffleBlockId(shuffleId, mapIndex, attempt) + suffix);
  }

  /** Places the row [key, value] by its key. One writer takes either pairs or rows. */
  writePair(key: unknown, value: unknown): void {
    const reduceId = this.partitioner(key);
    const waiting = this.waiting[reduceId]!;
    waiting.keys.push(key);
    if (waiting.values.push(value) >= this.batchRows) this.encodePairs(reduceId);
  }

  writePairs(keys: readonly unknown[], values: readonly unknown[]): void {
    for (let i = 0; i < keys.length; i++) this.writePair(keys[i], values[i]);
  }

  /** Places a row that has no key. */
  writeRow(row: unknown): void {
    const reduceId = this.partitioner(row);
    if (this.waiting[reduceId]!.values.push(row) >= this.batchRows) this.encodeRows(reduceId);
  }

  private encodePairs(reduceId: number): void {
    const started = performance.now();
    const waiting = this.waiting[reduceId]!;
    const { keys, values } = waiting;
    let { sum, xor } = waiting;
    for (let i = 0; i < keys.length; i++) {
      const hash = hashPair(keys[i], values[i]);
      sum = (sum + hash) | 0;
      xor ^= hash;
    }
    writePairFrame(this.scratch, keys, values, this.rowsEncoded);
    this.flushFrame(reduceId, sum, xor, started);
    waiting.keys = [];
  }

  private encodeRows(reduceId: number): void {
    const started = performance.now();
    const waiting = this.waiting[reduceId]!;
    const { values } = waiting;
    let { sum, xor } = waiting;
    for (let i = 0; i < values.length; i++) {
      const hash = hashRow(values[i]);
      sum = (sum + hash) | 0;
      xor ^= hash;
    }
    writeRowFrame(this.scratch, values, this.rowsEncoded);
    this.flushFrame(reduceId, sum, xor, started);
  }

  private flushFrame(reduceId: number, sum: number, xor: number, started: number): void {
    const waiting = this.waiting[reduceId]!;
    this.arena.append(reduceId, this.scratch.buffer.subarray(0, this.scratch.position));
    this.scratch.reset();
    waiting.sum = sum;
    waiting.xor = xor;
    waiting.count += waiting.values.length;
    this.rowsEncoded += waiting.values.length;
    waiting.values = [];
    this.metrics.writeTime += performance.now() - started;
  }

  /** Encodes what is left and puts both files in place. The writer is spent afterwards. */
  commit(): MapStatus {
    for (let reduceId = 0; reduceId < this.waiting.length; reduceId++) {
      const { keys, values } = this.waiting[reduceId]!;
      if (keys.length > 0) this.encodePairs(reduceId);
      else if (values.length > 0) this.encodeRows(reduceId);
    }
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
        let offset = 0;
        for (let reduceId = 0; reduceId < numPartitions; reduceId++) {
          const { count, sum, xor } = this.waiting[reduceId]!;
          let crc = 0;
          this.arena.forEach(reduceId, (bytes) => {
            crc = crc32(bytes, crc);
            writeFully(fd, bytes);
          });
          const rowChecksum = (sum ^ ((xor << 16) | (xor >>> 16))) >>> 0;
          rowChecksums[reduceId] = rowChecksum;
          entries.push({ offset, length: sizes[reduceId]!, rows: count, crc, rowChecksum });
          offset += sizes[reduceId]!;
        }
      } finally {
        closeSync(fd);
      }
      const index = indexPath(target);
      writeFileSync(`${index}.tmp`, encodeIndex(shuffleId, mapIndex, entries), { mode: 0o600 });
      // The data first: an index never names data that is not there.
      renameSync(temporary, target);
      renameSync(`${index}.tmp`, index);
    } catch (error) {
      for (const file of [temporary, target, `${indexPath(target)}.tmp`]) rmSync(file, { force: true });
      throw error;
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
