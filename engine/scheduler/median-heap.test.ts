import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MedianHeap } from './median-heap.ts';

it('is the middle of the sorted values after each of them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1 }), (values) => {
      const heap = new MedianHeap();
      expect(heap.median).toBeNaN();
      for (const [i, value] of values.entries()) {
        heap.add(value);
        const sorted = values.slice(0, i + 1).sort((a, b) => a - b);
        expect(heap.median).toBe(sorted[Math.floor(sorted.length / 2)]);
        expect(heap.size).toBe(i + 1);
      }
    }),
    { seed: 1 },
  );
});
