/** The two sections of a shipped closure: what it is (code and captures), and where its code stands in the sources. */
import { ByteReader, ByteWriter } from './byte-stream.ts';

const FORMAT = 1;

export function joinSections(body: Uint8Array, places: Uint8Array): Uint8Array {
  const out = new ByteWriter();
  out.byte(FORMAT);
  out.bytes(body);
  out.bytes(places);
  return out.finish();
}

export function splitSections(blob: Uint8Array): { body: Uint8Array; places: Uint8Array } {
  const reader = new ByteReader(blob);
  const format = reader.byte();
  if (format !== FORMAT) throw new RangeError(`closure format ${format} is not ${FORMAT}`);
  return { body: reader.bytes(), places: reader.bytes() };
}
