/** The thread of an executor that unpacks gzip and zstd files, piece by piece, for readers that cannot wait for streams. */
import { parentPort } from 'node:worker_threads';
import { GunzipChannel, lengthOf, SLOT_BYTES, SlotState, STOPPED, stateOf } from './gunzip-channel.ts';
import { type Packing, unpackPieces } from './unpack-pieces.ts';

export interface UnpackRequest {
  /** Open for reading; it is closed here. */
  fd: number;
  packing: Packing;
  shared: SharedArrayBuffer;
}

class Stopped extends Error {}

async function unpack({ fd, packing, shared }: UnpackRequest): Promise<void> {
  const channel = new GunzipChannel(shared);
  const { control, slots } = channel;
  let slot = 0;
  let produced = 0;
  const give = async (state: number, bytes: Uint8Array): Promise<void> => {
    for (;;) {
      if (Atomics.load(control, STOPPED) !== 0) throw new Stopped();
      const present = Atomics.load(control, stateOf(slot));
      if (present === SlotState.EMPTY) break;
      await Atomics.waitAsync(control, stateOf(slot), present).value;
    }
    slots[slot]!.set(bytes);
    Atomics.store(control, lengthOf(slot), bytes.length);
    Atomics.store(control, stateOf(slot), state);
    Atomics.notify(control, stateOf(slot));
    slot ^= 1;
  };
  const unpacking = unpackPieces(fd, packing, SLOT_BYTES);
  try {
    for await (const piece of unpacking.pieces) {
      channel.consumed = unpacking.read();
      // Pieces that had to wait come as one.
      for (let at = 0; at < piece.length; at += SLOT_BYTES) {
        const part = piece.subarray(at, at + SLOT_BYTES);
        await give(SlotState.FULL, part);
        produced += part.length;
      }
    }
    channel.consumed = unpacking.read();
    // An empty file is no empty gzip file, which has a header.
    if (channel.consumed === 0) throw Object.assign(new Error('the file is empty'), { code: 'Z_BUF_ERROR' });
    await give(SlotState.ENDED, new Uint8Array());
  } catch (error) {
    if (error instanceof Stopped) return;
    channel.consumed = unpacking.read();
    const { code = '', message } = error as NodeJS.ErrnoException;
    const consumed = code === 'Z_BUF_ERROR' ? unpacking.read() : unpacking.understood();
    const failure = { code, message, consumed, produced };
    await give(SlotState.FAILED, new TextEncoder().encode(JSON.stringify(failure))).catch(() => {});
  } finally {
    await unpacking.close();
  }
}

parentPort?.on('message', (request: UnpackRequest) => void unpack(request));
