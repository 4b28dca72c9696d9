/**
 * How rows are written that are nested too deeply for columns: one sequence of 32-bit words, every object where it is met
 * first, depth first. Whoever writes or reads it keeps a list of what is left to do and calls nothing for a level, so that
 * the depth costs no stack; a list of the last part alone needs no place in it, so that a chain takes none at all.
 *
 * The low four bits of a word say what begins there. What is met again is written as the number it had, in the order in
 * which objects came: cycles and shared parts stay what they are, within the rows of one frame.
 */

export const DeepTag = {
  /** The other bits are the number. */
  SMALL: 0,
  /** The next word is. */
  INT: 1,
  DOUBLE: 2,
  /** A text of one-byte characters: how many, then these, filled up to whole words. */
  LATIN1: 3,
  UTF16: 4,
  /** The other bits say which: see `CONSTANTS`, or a hole in an array. */
  CONSTANT: 5,
  /** A text of hexadecimal digits. */
  BIGINT: 6,
  DATE: 7,
  /** How many places, then what is in them. */
  ARRAY: 8,
  /** How many places, how many items, then each with its position before it. */
  SPARSE: 9,
  /** The other bits are the number of its names; where that is new, how many and which. Then the fields. */
  RECORD: 10,
  /** How many fields, then each with its name before it. */
  NAMED: 11,
  /** How many entries, then keys and values in turn. */
  MAP: 12,
  SET: 13,
  /** The number of an object that came before, or of a long text. */
  AGAIN: 14,
  /** Structured-clone bytes of what has no parts to go down into: how many, then these. Of an AggregateError then `errors`, as of a NAMED. */
  CLONE: 15,
} as const;

export const TAG_BITS = 4;
/** In the other bits of CLONE. */
export const AGGREGATE = 1;
/** In the other bits of AGAIN. */
export const AGAIN_TEXT = 1;
/** Texts of so many characters that are no names have numbers of their own, but those that are met again. */
export const LONG_TEXT = 1024;
export const CONSTANTS = [undefined, null, false, true] as const;
export const HOLE = CONSTANTS.length;

/** Records of other shapes are written with their names: readers make an object to copy of every shape. */
export const MOST_NAMES = 4096;
export const MOST_FIELDS = 128;
