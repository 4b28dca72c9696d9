/**
 * The size of a row of very many parts: a list linked 100,000 levels deep, a tree of a million nodes. It is gone through
 * level by level; where a level has more than a few objects as many stand for all, each for its share of what the level
 * stands for, so that what is looked at goes with the depth, not with the size. (Chen, "Heuristic sampling: a method for
 * predicting the performance of tree searching programs", SIAM J. Comput. 21, 1992: the strata are the levels.)
 */
import { Landmarks, type Level } from './landmarks.ts';
import { someOf, standsFor } from './part-sample.ts';
import type { Parts } from './size-estimate.ts';

/** So many objects stand for all of a level. */
const OF_A_LEVEL = 64;
/** No row that is in memory has more levels with parts to look at; one whose getters make parts without an end has. */
const MOST_LOOKED_AT = 1 << 24;

/** As many as are to stand for all, at even steps of their weights: all they stand for together stays the same. */
function few({ objects, weights }: Level): Level {
  if (objects.length <= OF_A_LEVEL) return { objects, weights };
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const step = all / OF_A_LEVEL;
  const chosen: Level = { objects: [], weights: [] };
  let passed = 0;
  let next = step / 2;
  for (let i = 0; i < objects.length; i++) {
    passed += weights[i]!;
    let stands = 0;
    for (; next < passed; next += step) stands += step;
    if (stands === 0) continue;
    chosen.objects.push(objects[i]!);
    chosen.weights.push(stands);
  }
  return chosen;
}

/** How one looks at an object. */
export interface Look {
  /** Of longer collections as many parts stand for all. */
  sampledParts: number;
  take(object: object): Parts;
  primitive(part: unknown): number;
}

/**
 * The estimated heap size of objects and all they refer to: those of a list from `from` on, with how many each stands for.
 * What is in `met` has been looked at, or is among them.
 */
export function estimateRest(list: Level, from: number, met: ReadonlySet<object>, look: Look): number {
  const landmarks = new Landmarks(met);
  let level = few({ objects: list.objects.slice(from), weights: list.weights.slice(from) });
  let total = 0;
  let looked = 0;
  while (level.objects.length > 0 && looked < MOST_LOOKED_AT) {
    const next: Level = { objects: [], weights: [] };
    looked += level.objects.length;
    for (let at = 0; at < level.objects.length; at++) {
      const { own, parts } = look.take(level.objects[at]!);
      const weight = level.weights[at]!;
      total += weight * own;
      const some = someOf(parts, look.sampledParts);
      for (let i = 0; i < some.parts.length; i++) {
        const part = some.parts[i];
        const stands = weight * standsFor(some, i);
        if (typeof part !== 'object' || part === null) total += stands * look.primitive(part);
        else {
          next.objects.push(part);
          next.weights.push(stands);
        }
      }
    }
    level = few(landmarks.unmet(level, next));
  }
  return total;
}
