/**
 * What becomes of a preparation job's results: the bounds of a range partitioner or the offsets of zipWithIndex,
 * computed once by control, sent as bytes with every stage plan that needs them, decoded by executors.
 */
import { boundsFromSamples, type KeySample } from '../shuffle/range-bounds.ts';
import { decodeRows, encodeRows } from '../storage/row-codec.ts';
import type { Preparation } from './plan.ts';

/** `results` are those of the preparation's action, one per partition in order, as the tasks encoded them. */
export function finishPreparation(preparation: Preparation, results: Uint8Array[]): Uint8Array {
  const { finish } = preparation;
  switch (finish.kind) {
    case 'rangeBounds':
      return encodeRows(boundsFromSamples(results.map(keySample), finish.numPartitions));
    case 'partitionOffsets':
      return encodeRows(offsets(results.map((bytes) => decodeRows(bytes)[0] as number)));
    default:
      return finish satisfies never;
  }
}

function keySample(bytes: Uint8Array): KeySample {
  const [count, keys] = decodeRows(bytes)[0] as [number, unknown[]];
  return { count, keys };
}

function offsets(counts: number[]): number[] {
  let total = 0;
  return counts.map((count) => {
    const start = total;
    total += count;
    return start;
  });
}
