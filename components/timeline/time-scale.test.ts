/** Domains stay inside the extent; phases fill their slice; hits find the slice under the pointer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clampDomain,
  type Domain,
  panDomain,
  segmentsOf,
  sliceAt,
  type TimelineSlice,
  ticksOf,
  toPixel,
  toTime,
  zoomDomain,
} from './time-scale.ts';

const time = fc.integer({ min: 0, max: 1_000_000 });
const domains: fc.Arbitrary<Domain> = fc
  .tuple(time, fc.integer({ min: 1, max: 100_000 }))
  .map(([from, length]) => ({
    from,
    to: from + length,
  }));

function slice(start: number, end: number, change: Partial<TimelineSlice> = {}): TimelineSlice {
  return { start, end, count: 1, failed: 0, running: 0, phases: [0, 0, 0, 0, 0, 0, 0], ...change };
}

describe('domains', () => {
  it('never leave the extent and never turn around', () => {
    const steps = fc.array(
      fc.tuple(fc.double({ min: 0.1, max: 10, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true })),
    );
    fc.assert(
      fc.property(domains, domains, steps, (extent, start, moves) => {
        let domain = clampDomain(start, extent);
        for (const [factor, share] of moves) {
          domain = panDomain(zoomDomain(domain, extent, factor, 0.3), extent, share);
          expect(domain.to).toBeGreaterThan(domain.from);
          expect(domain.from).toBeGreaterThanOrEqual(extent.from - 1e-6);
          expect(domain.to).toBeLessThanOrEqual(extent.to + 1e-6);
        }
      }),
    );
  });

  it('keep the anchor in place when zooming', () => {
    const extent = { from: 0, to: 1000 };
    const zoomed = zoomDomain({ from: 200, to: 600 }, extent, 2, 0.25);
    expect(zoomed).toEqual({ from: 250, to: 450 });
  });

  it('map pixels to times and back', () => {
    fc.assert(
      fc.property(
        domains,
        fc.integer({ min: 1, max: 4096 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (domain, width, share) => {
          expect(toPixel(toTime(share * width, domain, width), domain, width)).toBeCloseTo(share * width, 4);
        },
      ),
    );
  });

  it('label ticks as time since the origin', () => {
    expect(ticksOf({ from: 1000, to: 1400 }, 1000, 400).map((tick) => tick.label)).toEqual([
      '0 ms',
      '100 ms',
      '200 ms',
      '300 ms',
      '400 ms',
    ]);
  });
});

describe('segments', () => {
  it('fill the slice without gaps, in phase order', () => {
    const phases = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(phases, fc.integer({ min: 1, max: 5000 }), fc.boolean(), (times, length, running) => {
        const segments = segmentsOf(slice(100, 100 + length, { phases: times, running: running ? 1 : 0 }));
        let at = 100;
        let phase = -1;
        for (const segment of segments) {
          expect(segment.start).toBeCloseTo(at, 6);
          expect(segment.phase).toBeGreaterThan(phase);
          at = segment.end;
          phase = segment.phase;
        }
        expect(at).toBeCloseTo(100 + length, 6);
      }),
    );
  });

  it('show what a running task has not accounted for as computing', () => {
    const segments = segmentsOf(slice(0, 100, { running: 1, phases: [10, 0, 0, 0, 0, 0, 0] }));
    expect(segments).toEqual([
      { phase: 0, start: 0, end: 10 },
      { phase: 3, start: 10, end: 100 },
    ]);
  });
});

describe('hits', () => {
  it('find the slice under the pointer, thin ones within the slack', () => {
    const slices = [slice(0, 10), slice(20, 20.1), slice(40, 60)];
    expect(sliceAt(slices, 5, 0)).toBe(slices[0]);
    expect(sliceAt(slices, 15, 1)).toBeUndefined();
    expect(sliceAt(slices, 21, 1)).toBe(slices[1]);
    expect(sliceAt(slices, 60, 0)).toBe(slices[2]);
    expect(sliceAt([], 1, 1)).toBeUndefined();
  });
});
