import { describe, expect, it } from 'vitest';
import { RecentIds } from './recent-ids.ts';

describe('the latest ids', () => {
  it('knows at least as many as asked, and forgets the rest in time', () => {
    const ids = new RecentIds(10);
    for (let id = 0; id < 100; id++) {
      ids.add(id);
      const known = Array.from({ length: 100 }, (_, each) => each).filter((each) => ids.has(each));
      expect(known.length).toBeLessThanOrEqual(20);
      expect(known).toEqual(Array.from({ length: known.length }, (_, i) => id - known.length + 1 + i));
      expect(known.length).toBeGreaterThanOrEqual(Math.min(id + 1, 10));
    }
  });
});
