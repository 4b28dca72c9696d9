/**
 * Reads what structured clone wrote. Typed arrays get memory of their own, of their own length: those that Node reads are views
 * of the bytes they are read from, or of a pool, and their `buffer` shows what else is there.
 */
import { DefaultDeserializer } from 'node:v8';

const { slice } = Uint8Array.prototype;

class CloneReader extends DefaultDeserializer {
  /** Node's name for it, which V8 calls for every view of a buffer. */
  _readHostObject(): ArrayBufferView {
    // @ts-expect-error: the types do not have it.
    const view = super._readHostObject() as Uint8Array | DataView;
    if (!(view instanceof DataView)) return slice.call(view);
    return new DataView(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  }
}

/** The bytes may be used for something else afterwards. */
export function readClone(bytes: Uint8Array): unknown {
  const reader = new CloneReader(bytes);
  reader.readHeader();
  return reader.readValue();
}
