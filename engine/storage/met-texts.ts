/** Tells long texts that are met for the first time from those that were met before, by number: rows may hold one in many places. */
import { LONG_TEXT } from './deep-form.ts';

/** Of which characters a text is known again. */
const LOOKED_AT = 8;
/** Texts that look so: letters by one template differ in a name. */
const MOST_ALIKE = 4;

interface Met {
  text: string;
  number: number;
}

export class MetTexts {
  /** The last ones that looked so: comparing costs little beside writing. */
  readonly #latest = new Map<number, Met[]>();
  #size = 0;

  /** The number of a text that was met before; −1 for another, and for all short ones. */
  take(text: string): number {
    if (text.length < LONG_TEXT) return -1;
    const look = lookOf(text);
    const alike = this.#latest.get(look) ?? [];
    const before = alike.find((met) => met.text === text);
    if (before !== undefined) return before.number;
    if (alike.length === MOST_ALIKE) alike.shift();
    alike.push({ text, number: this.#size++ });
    this.#latest.set(look, alike);
    return -1;
  }
}

function lookOf(text: string): number {
  const { length } = text;
  let look = length;
  for (let i = 0; i < LOOKED_AT; i++)
    look = (Math.imul(look, 31) + text.charCodeAt(Math.floor(((i + 0.5) * length) / LOOKED_AT))) | 0;
  return look;
}
