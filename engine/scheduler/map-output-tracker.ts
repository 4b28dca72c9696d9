/** Which map outputs of each shuffle exist, where, and whether a recomputed one holds the same rows as before. */
import type { MapStatus, ShuffleInput } from '../rdd/plan.ts';

interface ShuffleOutputs {
  statuses: (MapStatus | undefined)[];
  available: number;
  /** Row checksums of outputs ever seen, also of those lost since. */
  checksums: (Uint32Array | undefined)[];
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
      checksums: new Array(numMaps).fill(undefined),
    });
  }

  /** The first output of a map task wins; a later one is a duplicate that nobody reads. */
  register(status: MapStatus): Registration {
    const shuffle = this.#shuffles.get(status.shuffleId);
    if (!shuffle || shuffle.statuses[status.mapIndex]) return 'duplicate';
    shuffle.statuses[status.mapIndex] = status;
    shuffle.available++;
    const before = shuffle.checksums[status.mapIndex];
    shuffle.checksums[status.mapIndex] = status.rowChecksums;
    if (!before) return 'registered';
    if (before.length === 0 || status.rowChecksums.length === 0) return 'incomparable';
    return sameChecksums(before, status.rowChecksums) ? 'registered' : 'otherRows';
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
    if (!shuffle) return [];
    const lost = this.outputs(shuffleId);
    shuffle.statuses.fill(undefined);
    shuffle.checksums.fill(undefined);
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
    return { shuffleId, maps };
  }
}

function sameChecksums(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
