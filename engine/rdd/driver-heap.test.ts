/** When the driver collects garbage to see what room there is, on a model of V8's heap whose clock stands still between steps. */
import { expect, test } from 'vitest';
import { seededRandom } from '../testing-random.ts';
import { DriverHeap, type HeapReadings } from './driver-heap.ts';
import { DriverRoom } from './driver-room.ts';

const MB = 1 << 20;
const call = { name: 'collect', callSite: undefined };

/** Young objects are moved to old pages when there is no room for more of them; only a look moves old ones together. */
class ModelHeap implements HeapReadings {
  readonly size = 64 * MB;
  /** Milliseconds, and those of looks. */
  clock = 0;
  looking = 0;
  looks = 0;
  #young = { live: 0, garbage: 0 };
  #old = { live: 0, garbage: 0 };
  #pages = 0;
  readonly #youngSize: number;
  readonly #bytesOfPages: number;

  /** `bytesOfPages`: what live objects take in pages, moved together. */
  constructor({ live, pages, youngSize = 2 * MB, bytesOfPages = 1 }: ModelOptions) {
    this.#old.live = live;
    this.#pages = pages;
    this.#youngSize = youngSize;
    this.#bytesOfPages = bytesOfPages;
  }

  allocate(live: number, garbage: number): void {
    this.#young.live += live;
    this.#young.garbage += garbage;
    if (this.#young.live + this.#young.garbage > this.#youngSize) this.#moveYoung(garbage / 4);
    if (this.#pages > this.size) this.#collect();
    if (this.#pages > this.size) this.#moveTogether();
    if (this.#pages > this.size) throw new Error('the driver has died');
  }

  /** To pages of their own: no hole is large enough. */
  #moveYoung(garbage: number): void {
    this.#old.live += this.#young.live;
    this.#old.garbage += garbage;
    this.#pages += (this.#young.live + garbage) * this.#bytesOfPages;
    this.#young = { live: 0, garbage: 0 };
  }

  /** Pages stay: something is left in each. */
  #collect(): void {
    this.#moveYoung(0);
    this.#old.garbage = 0;
  }

  #moveTogether(): void {
    this.#pages = this.#old.live * this.#bytesOfPages;
  }

  get #used(): number {
    return this.#old.live + this.#old.garbage + this.#young.live + this.#young.garbage;
  }

  statistics() {
    return { used: this.#used, pages: this.#pages + this.#youngSize };
  }

  spaces() {
    return { young: this.#young.live + this.#young.garbage, oldPages: this.#pages };
  }

  inUse(full: number, crowded: number): number {
    this.looks++;
    this.#look(40);
    this.#collect();
    if (this.#used >= full || this.#pages < crowded) return this.#used;
    this.#look(120);
    this.#moveTogether();
    return Math.max(this.#used, this.#pages);
  }

  #look(ms: number): void {
    this.looking += ms;
    this.clock += ms;
  }

  now = () => this.clock;
}

interface ModelOptions {
  /** Bytes of old objects and of their pages. */
  live: number;
  pages: number;
  youngSize?: number;
  bytesOfPages?: number;
}

const tooLarge = expect.objectContaining({ code: 'RESULT_TOO_LARGE' });

test('a heap most of which are holes is looked at once', () => {
  // Just full, or nearly so.
  for (const pages of [59 * MB, 57 * MB]) {
    const model = new ModelHeap({ live: 33 * MB, pages });
    const heap = new DriverHeap(model);
    for (let job = 0; job < 1_000; job++) {
      const room = new DriverRoom(call, heap);
      model.allocate(0, MB / 64);
      model.clock++;
      room.took(10, 1_000);
    }
    expect(model.looks).toBe(1);
  }
});

test('jobs on a heap that stays nearly full look a fifth of the time at the most', () => {
  const model = new ModelHeap({ live: 55 * MB, pages: 55 * MB, youngSize: 4 * MB });
  const heap = new DriverHeap(model);
  for (let job = 0; job < 10_000; job++) {
    const room = new DriverRoom(call, heap);
    model.allocate(0, MB / 32);
    model.clock++;
    room.took(10, 1_000);
  }
  expect(model.looks).toBeGreaterThan(10);
  expect(model.looking / model.clock).toBeLessThan(0.2);
});

test('a moment after a look rows are refused in time all the same', () => {
  const model = new ModelHeap({ live: 55 * MB, pages: 55 * MB, youngSize: 4 * MB });
  const room = new DriverRoom(call, new DriverHeap(model));
  const frame = (live: number, garbage: number) => {
    model.allocate(live, garbage);
    room.took(10, live);
  };
  frame(0, 3 * MB);
  expect(model.looks).toBe(1);
  expect(() => {
    for (;;) frame(MB / 2, 0);
  }).toThrow(tooLarge);
  expect(model.looks).toBe(2);
});

test('whatever frames come, rows without an end are refused and the driver lives', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const between = (least: number, most: number) => least + random() * (most - least);
    const live = between(5, 50) * MB;
    const bytesOfPages = between(1, 1.1);
    const model = new ModelHeap({
      live,
      pages: Math.min(63 * MB, live * between(bytesOfPages, 2)),
      youngSize: between(1, 4) * MB,
      bytesOfPages,
    });
    const heap = new DriverHeap(model);
    const largest = between(0.05, 4) * MB;
    const run = () => {
      const room = new DriverRoom(call, heap);
      for (;;) {
        const bytes = largest * between(0.8, 1);
        model.allocate(bytes, bytes * between(0, 2));
        model.clock += between(0, 20);
        room.took(100, bytes / 4);
      }
    };
    expect(run, `seed ${seed}`).toThrow(tooLarge);
  }
});
