/** Which map outputs of each shuffle exist, where, and whether a recomputed one holds the same rows as before. */
import type { MapStatus, ShuffleInput } from '../rdd/plan.ts';

/** In place of a digest: nothing was seen yet. */
const UNSEEN = -1;
/** Something was seen, of which no checksum is known. */
const UNKNOWN = -2;
const NO_CHECKSUMS = new Uint32Array();

interface ShuffleOutputs {
  statuses: (MapStatus | undefined)[];
  available: number;
  /** Digests of the row checksums of outputs ever seen, also of those lost since; see `digestOf`. */
  digests: Float64Array;
  /** Nothing was registered since the shuffle was added or reset. */
  pristine: boolean;
}

/** `incomparable`: there was an output before, and checksums cannot tell whether this one holds the same rows. */
export type Registration = 'registered' | 'duplicate' | 'otherRows' | 'incomparable';

export class MapOutputTracker {
  readonly #shuffles = new Map<number, ShuffleOutputs>();

  get size(): number {
    return this.#shuffles.size;
  }

  add(shuffleId: number, numMaps: number): void {
    if (this.#shuffles.has(shuffleId)) return;
    this.#shuffles.set(shuffleId, {
      statuses: new Array(numMaps).fill(undefined),
      available: 0,
      digests: new Float64Array(numMaps).fill(UNSEEN),
      pristine: true,
    });
  }

  /** The first output of a map task wins; a later one is a duplicate that nobody reads. */
  register(status: MapStatus): Registration {
    const shuffle = this.#shuffles.get(status.shuffleId);
    if (!shuffle || shuffle.statuses[status.mapIndex]) return 'duplicate';
    // Kept as a digest: four bytes per map and reducer would be the most that the scheduler keeps.
    const { mapIndex, rowChecksums } = status;
    shuffle.statuses[mapIndex] = { ...status, rowChecksums: NO_CHECKSUMS };
    shuffle.available++;
    shuffle.pristine = false;
    const before = shuffle.digests[mapIndex]!;
    const now = digestOf(rowChecksums);
    shuffle.digests[mapIndex] = now;
    if (before === UNSEEN) return 'registered';
    if (before === UNKNOWN || now === UNKNOWN) return 'incomparable';
    return before === now ? 'registered' : 'otherRows';
  }

  /** Forgets one output; its checksum stays, to compare with the recomputed one. */
  unregister(shuffleId: number, mapIndex: number): MapStatus | undefined {
    const shuffle = this.#shuffles.get(shuffleId);
    const status = shuffle?.statuses[mapIndex];
    if (!shuffle || !status) return undefined;
    shuffle.statuses[mapIndex] = undefined;
    shuffle.available--;
    return status;
  }

  /** Forgets all outputs; their checksums stay. */
  unregisterAll(shuffleId: number): MapStatus[] {
    const lost = this.outputs(shuffleId);
    for (const { mapIndex } of lost) this.unregister(shuffleId, mapIndex);
    return lost;
  }

  /** Forgets all outputs, and their checksums too: the stage is to be computed anew from other rows. */
  reset(shuffleId: number): MapStatus[] {
    const shuffle = this.#shuffles.get(shuffleId);
    // Each recomputed output with other rows rolls back what follows, of which most is rolled back already.
    if (!shuffle || shuffle.pristine) return [];
    shuffle.pristine = true;
    const lost = this.outputs(shuffleId);
    shuffle.statuses.fill(undefined);
    shuffle.digests.fill(UNSEEN);
    shuffle.available = 0;
    return lost;
  }

  remove(shuffleId: number): MapStatus[] {
    const lost = this.outputs(shuffleId);
    this.#shuffles.delete(shuffleId);
    return lost;
  }

  outputs(shuffleId: number): MapStatus[] {
    return (this.#shuffles.get(shuffleId)?.statuses ?? []).filter((status) => status !== undefined);
  }

  output(shuffleId: number, mapIndex: number): MapStatus | undefined {
    return this.#shuffles.get(shuffleId)?.statuses[mapIndex];
  }

  isAvailable(shuffleId: number): boolean {
    const shuffle = this.#shuffles.get(shuffleId);
    return shuffle !== undefined && shuffle.available === shuffle.statuses.length;
  }

  /** Whether any output is there. */
  isBegun(shuffleId: number): boolean {
    return (this.#shuffles.get(shuffleId)?.available ?? 0) > 0;
  }

  /** Whether any was there since the shuffle was added or reset. */
  hasSeen(shuffleId: number): boolean {
    return this.#shuffles.get(shuffleId)?.pristine === false;
  }

  missing(shuffleId: number): number[] {
    const missing: number[] = [];
    const statuses = this.#shuffles.get(shuffleId)?.statuses ?? [];
    for (let index = 0; index < statuses.length; index++) if (!statuses[index]) missing.push(index);
    return missing;
  }

  /** Bytes per reduce partition, of the outputs that exist. */
  sizes(shuffleId: number): Float64Array {
    const outputs = this.outputs(shuffleId);
    const sums = new Float64Array(outputs[0]?.sizes.length ?? 0);
    for (const { sizes } of outputs) for (let i = 0; i < sums.length; i++) sums[i]! += sizes[i] ?? 0;
    return sums;
  }

  /** Of the outputs that exist, all together. */
  bytes(shuffleId: number): number {
    return this.sizes(shuffleId).reduce((sum, size) => sum + size, 0);
  }

  /** Every map output by place; one that does not exist has no path, so that whoever reads it fails. */
  input(shuffleId: number): ShuffleInput {
    const statuses = this.#shuffles.get(shuffleId)?.statuses ?? [];
    const maps = statuses.flatMap((status, mapIndex) =>
      [status, ...(status?.more ?? [])].map((part) => ({
        mapIndex,
        path: part?.path ?? '',
        executorId: part?.executorId ?? '',
      })),
    );
    return { shuffleId, maps, ...(statuses.some((status) => status?.disordered) && { disordered: true }) };
  }
}

/** 53 bits of two independent hashes over all reducers' checksums, in their order; UNKNOWN where there are none. */
function digestOf(checksums: Uint32Array): number {
  if (checksums.length === 0) return UNKNOWN;
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let i = 0; i < checksums.length; i++) {
    const checksum = checksums[i]!;
    low = Math.imul(low ^ checksum, 0x85ebca6b);
    low ^= low >>> 13;
    high = Math.imul(high ^ checksum, 0xc2b2ae35);
    high ^= high >>> 16;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
