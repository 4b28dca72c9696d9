import { describe, expect, test } from 'vitest';
import {
  binomialQuantile,
  hypergeometricQuantile,
  normalQuantile,
  poissonQuantile,
  studentQuantile,
} from './distributions.ts';

/** Values as R's qnorm, qt, qpois, qhyper and qbinom give them. */
describe('quantiles', () => {
  test.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.025, -1.959963984540054],
    [0.9, 1.2815515655446004],
    [1e-10, -6.361340902404056],
    [0.999999, 4.753424308822899],
  ])('of the normal distribution at %d', (probability, z) => {
    expect(normalQuantile(probability)).toBeCloseTo(z, 10);
  });

  test.each([
    [0.975, 1, 12.706204736174705],
    [0.975, 2, 4.302652729749464],
    [0.975, 5, 2.5705818356363155],
    [0.95, 10, 1.812461122811676],
    [0.025, 30, -2.042272456301238],
    [0.995, 99, 2.626405457348205],
  ])("of Student's at %d with %d degrees", (probability, degrees, t) => {
    expect(studentQuantile(probability, degrees)).toBeCloseTo(t, 8);
  });

  test.each([
    [0.025, 3, 0],
    [0.975, 3, 7],
    [0.025, 100, 81],
    [0.975, 100, 120],
    [0.5, 0.1, 0],
    [0.975, 10_000, 10_196],
  ])('of a Poisson distribution at %d of mean %d', (probability, mean, count) => {
    expect(poissonQuantile(probability, mean)).toBe(count);
  });

  test('of a Poisson distribution of a large mean meets the sum of weights where both hold', () => {
    for (const p of [0.001, 0.025, 0.5, 0.975, 0.999]) {
      const expanded = poissonQuantile(p, 1e6 + 1e-6);
      expect(Math.abs(expanded - poissonQuantile(p, 1e6))).toBeLessThanOrEqual(1);
    }
  });

  /** The whole distribution, added up without any trick. */
  function byBruteForce(weights: number[], probability: number): number {
    const total = weights.reduce((a, b) => a + b, 0);
    let sum = 0;
    for (const [k, weight] of weights.entries()) {
      sum += weight;
      if (sum >= probability * total) return k;
    }
    return weights.length - 1;
  }
  const choose = (n: number, k: number) => {
    let result = k < 0 || k > n ? 0 : 1;
    for (let i = 0; i < k && result; i++) result = (result * (n - i)) / (i + 1);
    return result;
  };

  test('of binomial and hypergeometric distributions equal those by brute force', () => {
    for (const probability of [0, 0.01, 0.3, 0.5, 0.77, 0.999]) {
      for (const [total, marked, draws] of [
        [20, 5, 7],
        [20, 20, 7],
        [20, 0, 7],
        [20, 13, 20],
        [30, 20, 25],
        [9, 4, 0],
      ] as const) {
        const weights = Array.from(
          { length: draws + 1 },
          (_, k) => choose(marked, k) * choose(total - marked, draws - k),
        );
        const least = weights.findIndex((weight) => weight > 0);
        const expected = probability === 0 ? least : byBruteForce(weights, probability);
        expect(hypergeometricQuantile(probability, total, marked, draws)).toBe(expected);
        const p = marked / total;
        const trials = Array.from(
          { length: draws + 1 },
          (_, k) => choose(draws, k) * p ** k * (1 - p) ** (draws - k),
        );
        if (probability > 0)
          expect(binomialQuantile(probability, draws, p)).toBe(byBruteForce(trials, probability));
      }
    }
  });
});
