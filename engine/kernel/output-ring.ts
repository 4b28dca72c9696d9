/**
 * The driver's console as a bounded ring in shared memory: written synchronously while user code runs, read by the
 * control thread. When it is full the writer drops and counts; it waits only where nobody watches and all is wanted.
 *
 * Layout: a header of four Int32 (bytes written, bytes read: both modulo 2³²; characters dropped; unused), then the
 * bytes. A record is [run: u32][kind: u8][length: u32][utf-8 bytes].
 */

const HEADER_BYTES = 16;
const RECORD_HEADER = 9;
/** A reader that takes nothing for so long is not coming. */
const MAX_WAIT_MS = 10_000;
/** Longer writes are cut into records of at most this many bytes, so that part of a huge line still fits. */
const MAX_RECORD_BYTES = 64 * 1024;
const WRITTEN = 0;
const READ = 1;
const DROPPED = 2;

export type StreamName = 'stdout' | 'stderr';

export interface RingRecord {
  run: number;
  stream: StreamName;
  text: string;
}

/** `capacity` must be a power of two: positions wrap at 2³². */
export function createRing(capacity: number): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + capacity);
}

export class RingWriter {
  readonly #state: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #encoder = new TextEncoder();
  readonly #scratch = new Uint8Array(RECORD_HEADER + MAX_RECORD_BYTES);
  readonly #view = new DataView(this.#scratch.buffer);

  readonly #waits: boolean;

  /** `waits`: when full, wait for the reader instead of dropping. */
  constructor(ring: SharedArrayBuffer, waits = false) {
    this.#state = new Int32Array(ring, 0, 4);
    this.#bytes = new Uint8Array(ring, HEADER_BYTES);
    this.#waits = waits;
  }

  /** Bytes written so far, modulo 2³². */
  get position(): number {
    return Atomics.load(this.#state, WRITTEN);
  }

  write(run: number, stream: StreamName, text: string): void {
    let rest = text;
    while (rest.length > 0) {
      const { read, written } = this.#encoder.encodeInto(rest, this.#scratch.subarray(RECORD_HEADER));
      if (!this.#append(run, stream, written) && !(this.#waits && this.#appendLater(run, stream, written))) {
        this.drop(rest.length);
        break;
      }
      rest = read === rest.length ? '' : rest.slice(read);
    }
    Atomics.notify(this.#state, WRITTEN);
  }

  /** Counts characters that were kept back. */
  drop(characters: number): void {
    Atomics.add(this.#state, DROPPED, Math.min(characters, 2 ** 31 - 1));
  }

  /** Wakes the reader and tries again each time it has taken something. */
  #appendLater(run: number, stream: StreamName, length: number): boolean {
    for (;;) {
      Atomics.notify(this.#state, WRITTEN);
      const read = Atomics.load(this.#state, READ);
      if (this.#append(run, stream, length)) return true;
      if (Atomics.wait(this.#state, READ, read, MAX_WAIT_MS) === 'timed-out') return false;
    }
  }

  #append(run: number, stream: StreamName, length: number): boolean {
    const capacity = this.#bytes.length;
    const written = Atomics.load(this.#state, WRITTEN);
    const used = (written - Atomics.load(this.#state, READ)) >>> 0;
    const size = RECORD_HEADER + length;
    if (size > capacity - used) return false;
    this.#view.setUint32(0, run);
    this.#view.setUint8(4, stream === 'stdout' ? 0 : 1);
    this.#view.setUint32(5, length);
    const start = (written >>> 0) % capacity;
    const first = Math.min(size, capacity - start);
    this.#bytes.set(this.#scratch.subarray(0, first), start);
    this.#bytes.set(this.#scratch.subarray(first, size), 0);
    // Published last: a writer terminated before this line has written nothing.
    Atomics.store(this.#state, WRITTEN, (written + size) | 0);
    return true;
  }
}

export class RingReader {
  readonly #state: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #decoder = new TextDecoder();

  constructor(ring: SharedArrayBuffer) {
    this.#state = new Int32Array(ring, 0, 4);
    this.#bytes = new Uint8Array(ring, HEADER_BYTES);
  }

  get written(): number {
    return Atomics.load(this.#state, WRITTEN);
  }

  /** Records up to `position`, or all. Adjacent writes of one run to one stream come as one. */
  read(position = this.written): RingRecord[] {
    const records: RingRecord[] = [];
    let at = Atomics.load(this.#state, READ);
    while ((position - at) | 0) {
      // Signed distance: a position that was already passed yields nothing.
      if (((position - at) | 0) < 0) break;
      const header = this.#copy(at, RECORD_HEADER);
      const view = new DataView(header.buffer);
      const length = view.getUint32(5);
      const text = this.#decoder.decode(this.#copy(at + RECORD_HEADER, length));
      const record: RingRecord = {
        run: view.getUint32(0),
        stream: view.getUint8(4) === 0 ? 'stdout' : 'stderr',
        text,
      };
      const last = records.at(-1);
      if (last && last.run === record.run && last.stream === record.stream) last.text += text;
      else records.push(record);
      at = (at + RECORD_HEADER + length) | 0;
    }
    Atomics.store(this.#state, READ, at);
    Atomics.notify(this.#state, READ);
    return records;
  }

  /** Characters dropped since the last call. */
  takeDropped(): number {
    return Atomics.exchange(this.#state, DROPPED, 0);
  }

  /** Resolves when something was written after `position`; undefined when there already is. */
  waitForWrite(position: number): Promise<unknown> | undefined {
    const wait = Atomics.waitAsync(this.#state, WRITTEN, position);
    return wait.async ? wait.value : undefined;
  }

  #copy(from: number, length: number): Uint8Array<ArrayBuffer> {
    const capacity = this.#bytes.length;
    const start = (from >>> 0) % capacity;
    const first = Math.min(length, capacity - start);
    const out = new Uint8Array(length);
    out.set(this.#bytes.subarray(start, start + first), 0);
    out.set(this.#bytes.subarray(0, length - first), first);
    return out;
  }
}
