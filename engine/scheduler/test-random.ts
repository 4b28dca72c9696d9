import { seededRandom } from '../testing-random.ts';

/** A seeded source of choices for simulations. */
export class Choices {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** A 32-bit mix of two numbers. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b ^ 0x7f4a7c15, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/** A set of strings that a random member can be picked of in constant time. */
export class ChoiceSet {
  readonly #members: string[] = [];
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#members.length;
  }

  has(member: string): boolean {
    return this.#places.has(member);
  }

  add(member: string): void {
    if (this.#places.has(member)) return;
    this.#places.set(member, this.#members.length);
    this.#members.push(member);
  }

  delete(member: string): void {
    const place = this.#places.get(member);
    if (place === undefined) return;
    const last = this.#members.pop()!;
    this.#places.delete(member);
    if (last === member) return;
    this.#members[place] = last;
    this.#places.set(last, place);
  }

  pick(choices: Choices): string {
    return choices.of(this.#members);
  }

  members(): readonly string[] {
    return this.#members;
  }
}
