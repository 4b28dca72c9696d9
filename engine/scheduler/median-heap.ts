/** The median of numbers that keep coming: two heaps, the smaller half and the larger half. */

class Heap {
  readonly #items: number[] = [];
  /** 1: the smallest on top; −1: the largest. */
  readonly #sign: 1 | -1;

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  get size(): number {
    return this.#items.length;
  }

  get top(): number {
    return this.#items[0]!;
  }

  push(value: number): void {
    const items = this.#items;
    let at = items.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((items[parent]! - value) * this.#sign <= 0) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = value;
  }

  pop(): number {
    const items = this.#items;
    const top = items[0]!;
    const last = items.pop()!;
    if (items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && (items[child + 1]! - items[child]!) * this.#sign < 0) child++;
      if ((last - items[child]!) * this.#sign <= 0) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}

export class MedianHeap {
  readonly #smaller = new Heap(-1);
  readonly #larger = new Heap(1);

  get size(): number {
    return this.#smaller.size + this.#larger.size;
  }

  add(value: number): void {
    if (this.#larger.size > 0 && value >= this.#larger.top) this.#larger.push(value);
    else this.#smaller.push(value);
    // The larger half has as many as the smaller, or one more.
    if (this.#smaller.size > this.#larger.size) this.#larger.push(this.#smaller.pop());
    else if (this.#larger.size > this.#smaller.size + 1) this.#smaller.push(this.#larger.pop());
  }

  /** Of an even number of values the upper of the two in the middle; NaN of none. */
  get median(): number {
    return this.#larger.size > 0 ? this.#larger.top : Number.NaN;
  }
}
