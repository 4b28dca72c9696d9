/** The Maps that actions make of pairs. */
import { placeOf, StagelightError } from '../errors.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { DriverRoom } from './driver-room.ts';
import type { Call } from './lineage.ts';

/** V8's. */
const MOST_ENTRIES = 2 ** 24;
/** Keys between two looks at the room. */
const STEP = 1024;

/** A Map of all pairs; RESULT_TOO_LARGE when they have more keys than a Map can. */
export function mapOf<K, V>(call: Call, pairs: [K, V][], most: number = MOST_ENTRIES): Map<K, V> {
  if (pairs.length <= most) return new Map(pairs);
  const map = new Map<K, V>();
  for (const [key, value] of pairs) {
    if (map.size === most && !map.has(key)) throw tooManyKeys(call, most);
    map.set(key, value);
  }
  return map;
}

/**
 * The same of pairs with equal keys: a Map takes two arrays, objects or dates of one content for two keys, operators take
 * them for one.
 */
export function mapOfLast<K, V>(
  call: Call,
  pairs: [K, V][],
  most: number = MOST_ENTRIES,
  room: DriverRoom = new DriverRoom(call),
): Map<K, V> {
  return mapOf(call, pairs.some(hasStructuralKey) ? withOneOfEachKey(call, pairs, most, room) : pairs, most);
}

function hasStructuralKey([key]: [unknown, unknown]): boolean {
  return typeof key === 'object' && key !== null;
}

function withOneOfEachKey<K, V>(call: Call, pairs: [K, V][], most: number, room: DriverRoom): [K, V][] {
  const firsts = new Map<unknown, K>();
  let bytes = 0;
  return pairs.map((pair, i) => {
    if (i % STEP === 0) {
      room.took(Math.min(i, STEP), bytes);
      bytes = 0;
    }
    if (!hasStructuralKey(pair)) return pair;
    const form = keyToMapKey(pair[0]);
    const first = firsts.get(form);
    if (first !== undefined) return [first, pair[1]];
    if (firsts.size === most) throw tooManyKeys(call, most);
    firsts.set(form, pair[0]);
    bytes += (form as string).length;
    return pair;
  });
}

function tooManyKeys({ name, callSite }: Call, most: number): StagelightError {
  return new StagelightError(
    'RESULT_TOO_LARGE',
    `${name}: there are more keys than the ${most.toLocaleString('en-US')} that a Map can have`,
    {
      hint: 'Keep them in a dataset: reduceByKey(), join(), or lookup() of single keys.',
      ...(callSite && { position: placeOf(callSite) }),
    },
  );
}
