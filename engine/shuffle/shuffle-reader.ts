/** Reads one reduce partition: the regions of all map outputs in order, batch by batch. */
import type { ShuffleInput } from '../rdd/plan.ts';
import { CorruptBlockError } from '../storage/byte-reader.ts';
import { FRAME_HEADER_BYTES, FrameReader } from '../storage/row-codec.ts';
import { MapOutputFile } from './map-output-file.ts';
import type { ReadAhead } from './read-ahead.ts';
import { type ShuffleReadMetrics, shuffleReadMetrics } from './shuffle-metrics.ts';

/** Regions up to this size, and this share of the memory there is, are read in one piece. */
const WHOLE_REGION_BYTES = 1 << 25;
const WHOLE_REGION_SHARE = 1 / 16;

export interface PairBatch {
  keys: unknown[];
  values: unknown[];
}

/** Pulls batches; `close` may be called at any time and must be called when reading stops early or throws. */
export class ShuffleReader {
  private readonly input: ShuffleInput;
  private readonly reduceId: number;
  private readonly metrics: ShuffleReadMetrics;
  private readonly wholeRegionBytes: number;
  private readonly ahead: ReadAhead | undefined;
  private nextMap = 0;
  private file: MapOutputFile | undefined;
  private frames: FrameReader | undefined;
  /** Where the next frame of a region begins that is read frame by frame. */
  private position = 0;
  private rows = 0;
  private buffer: Buffer = Buffer.alloc(0);

  /** `memory` is the budget of the executor; `ahead` of a task that reads partitions after this one. */
  constructor(
    input: ShuffleInput,
    reduceId: number,
    metrics: ShuffleReadMetrics = shuffleReadMetrics(),
    memory = Number.POSITIVE_INFINITY,
    ahead?: ReadAhead,
  ) {
    this.ahead = ahead;
    this.wholeRegionBytes = Math.min(WHOLE_REGION_BYTES, memory * WHOLE_REGION_SHARE);
    this.input = input;
    this.reduceId = reduceId;
    this.metrics = metrics;
  }

  /** The next decoded rows; undefined at the end. */
  nextRows(): unknown[] | undefined {
    return this.next(
      (frames) => frames.nextRows(),
      (rows) => rows.length,
    );
  }

  /** The next rows, which must be pairs, as parallel arrays; undefined at the end. */
  nextPairs(): PairBatch | undefined {
    return this.next(
      (frames) => frames.nextPairs(),
      (pairs) => pairs.keys.length,
    );
  }

  private next<T>(
    decode: (frames: FrameReader) => T | undefined,
    count: (batch: T) => number,
  ): T | undefined {
    for (;;) {
      if (this.frames === undefined && !this.openNext()) return undefined;
      let batch: T | undefined;
      try {
        batch = decode(this.frames!);
      } catch (error) {
        if (error instanceof CorruptBlockError) throw this.file!.undecodable(error);
        // Too little memory, say: no fault of the file, as long as it still is what it was.
        this.file!.verifyRegion();
        throw error;
      }
      if (batch !== undefined) {
        this.rows += count(batch);
        this.metrics.records += count(batch);
        return batch;
      }
      this.frames = this.position < this.file!.entry.length ? this.readFrame() : undefined;
      if (this.frames !== undefined) continue;
      if (this.rows !== this.file!.entry.rows) throw this.file!.undecodable(new Error('rows are missing'));
      this.closeFile();
    }
  }

  /** Moves to the next map output with rows for this reducer. */
  private openNext(): boolean {
    while (this.nextMap < this.input.maps.length) {
      const started = performance.now();
      const map = this.input.maps[this.nextMap++]!;
      const file = new MapOutputFile(this.input, map, this.reduceId, this.ahead);
      const { length } = file.entry;
      if (length === 0) continue;
      this.file = file;
      this.rows = 0;
      this.metrics.bytes += length;
      if (length <= this.wholeRegionBytes) {
        const bytes = this.bufferOf(length);
        file.readRegion(bytes);
        this.position = length;
        this.frames = new FrameReader(bytes);
      } else {
        file.verifyRegion();
        this.position = 0;
        this.frames = this.readFrame();
      }
      this.metrics.fetchWaitTime += performance.now() - started;
      return true;
    }
    return false;
  }

  private readFrame(): FrameReader {
    const file = this.file!;
    const header = Buffer.alloc(FRAME_HEADER_BYTES);
    file.readPart(header, this.position);
    const bytes = this.bufferOf(FRAME_HEADER_BYTES + header.readUInt32LE(4));
    file.readPart(bytes, this.position);
    this.position += bytes.length;
    return new FrameReader(bytes);
  }

  /** Decoded rows never refer to the bytes they came from, so one buffer serves all regions. */
  private bufferOf(length: number): Buffer {
    if (this.buffer.length < length) this.buffer = Buffer.allocUnsafeSlow(length);
    return this.buffer.subarray(0, length);
  }

  private closeFile(): void {
    this.file?.close();
    this.file = undefined;
    this.frames = undefined;
  }

  close(): void {
    this.nextMap = this.input.maps.length;
    this.closeFile();
    this.buffer = Buffer.alloc(0);
  }
}
