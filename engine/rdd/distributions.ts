/** Quantiles of the distributions that estimates need, and discrete distributions known by the ratios of their weights. */

/** The value below which a bisection finds `probability`, for a rising function. */
function bisect(low: number, high: number, isBelow: (x: number) => boolean): number {
  for (let step = 0; step < 200 && high - low > Number.EPSILON * Math.max(1, Math.abs(high)); step++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The probability that Student's t lies between -t and t, for whole degrees of freedom: the finite series of Abramowitz
 * and Stegun, 26.7.3 and 26.7.4.
 */
function studentWithin(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cos = Math.cos(angle);
  const isOdd = degrees % 2 === 1;
  let sum = 0;
  for (let k = isOdd ? 1 : 0, term = isOdd ? cos : 1; k <= degrees - 2; k += 2) {
    sum += term;
    term *= (cos * cos * (k + 1)) / (k + 2);
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

/** The t below which Student's distribution has `probability`, for whole degrees of freedom. */
export function studentQuantile(probability: number, degrees: number): number {
  if (probability < 0.5) return -studentQuantile(1 - probability, degrees);
  let high = 1;
  while (high < 1e300 && (1 + studentWithin(high, degrees)) / 2 < probability) high *= 2;
  return bisect(0, high, (t) => (1 + studentWithin(t, degrees)) / 2 < probability);
}

/** Below this, Wichura's rational functions are of the central kind. */
const CENTRAL = 0.425;

function ratio(numerator: readonly number[], denominator: readonly number[], x: number): number {
  const at = (coefficients: readonly number[]) => coefficients.reduceRight((sum, c) => sum * x + c, 0);
  return at(numerator) / at(denominator);
}

/** The z below which the standard normal distribution has `probability`: Wichura's algorithm AS 241 (PPND16). */
export function normalQuantile(probability: number): number {
  const q = probability - 0.5;
  if (Math.abs(q) <= CENTRAL) return q * ratio(CENTRAL_A, CENTRAL_B, CENTRAL * CENTRAL - q * q);
  const tail = q < 0 ? probability : 1 - probability;
  if (tail <= 0) return q < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const r = Math.sqrt(-Math.log(tail));
  const z = r <= 5 ? ratio(MIDDLE_C, MIDDLE_D, r - 1.6) : ratio(FAR_E, FAR_F, r - 5);
  return q < 0 ? -z : z;
}

const CENTRAL_A = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
];
const CENTRAL_B = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
];
const MIDDLE_C = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
];
const MIDDLE_D = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const FAR_E = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
];
const FAR_F = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  0.000018463183175100548, 1.421511758316446e-7, 2.0442631033899397e-15,
];

/** A distribution over whole numbers, by its likeliest one and how the weights change from one number to the next. */
export interface Discrete {
  mode: number;
  least: number;
  most: number;
  /** The weight of `k + 1` divided by that of `k`. */
  ratio(k: number): number;
}

/** Weights below this part of the largest one add nothing that a double could tell. */
const NEGLIGIBLE = 1e-20;

/** The smallest number at or below which the distribution has at least `probability`: sums the weights around the mode. */
function discreteQuantile({ mode, least, most, ratio }: Discrete, probability: number): number {
  const below: number[] = [];
  for (let k = mode, weight = 1; k > least; k--) {
    weight /= ratio(k - 1);
    if (weight < NEGLIGIBLE) break;
    below.push(weight);
  }
  const weights = [...below.reverse(), 1];
  for (let k = mode, weight = 1; k < most; k++) {
    weight *= ratio(k);
    if (weight < NEGLIGIBLE) break;
    weights.push(weight);
  }
  const wanted = probability * weights.reduce((sum, weight) => sum + weight, 0);
  const first = mode - below.length;
  let sum = 0;
  for (const [i, weight] of weights.entries()) {
    sum += weight;
    if (sum >= wanted) return first + i;
  }
  return first + weights.length - 1;
}

/** Above this mean the Cornish–Fisher expansion errs by less than one. */
const LARGE_MEAN = 1e6;

/** The smallest count at or below which a Poisson distribution of this mean has at least `probability`. */
export function poissonQuantile(probability: number, mean: number): number {
  if (mean > LARGE_MEAN) {
    const z = normalQuantile(probability);
    return Math.max(0, Math.round(mean + z * Math.sqrt(mean) + (z * z - 1) / 6));
  }
  return discreteQuantile(
    {
      mode: Math.floor(mean),
      least: 0,
      most: Number.POSITIVE_INFINITY,
      ratio: (k) => mean / (k + 1),
    },
    probability,
  );
}

/** How many of `draws` drawn without replacement from `total` are of its `marked` ones: a quantile. */
export function hypergeometricQuantile(
  probability: number,
  total: number,
  marked: number,
  draws: number,
): number {
  return discreteQuantile(
    {
      mode: Math.floor(((draws + 1) * (marked + 1)) / (total + 2)),
      least: Math.max(0, draws + marked - total),
      most: Math.min(draws, marked),
      ratio: (k) => ((marked - k) * (draws - k)) / ((k + 1) * (total - marked - draws + k + 1)),
    },
    probability,
  );
}

/** How many of `draws` succeed, each with probability `p`: a quantile. */
export function binomialQuantile(probability: number, draws: number, p: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return draws;
  const odds = p / (1 - p);
  return discreteQuantile(
    {
      mode: Math.min(draws, Math.floor((draws + 1) * p)),
      least: 0,
      most: draws,
      ratio: (k) => ((draws - k) / (k + 1)) * odds,
    },
    probability,
  );
}
