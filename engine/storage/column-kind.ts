/**
 * The kinds of column a block is made of. A column is a 32-bit kind, a 32-bit argument and a payload; it begins at
 * a multiple of eight. How many rows it has is known from outside: from the block, or from the column around it.
 */

export const ColumnKind = {
  /** Every row undefined. */
  UNDEFINED: 0,
  NULL: 1,
  /** A byte per row. */
  BOOLEAN: 2,
  I32: 3,
  F64: 4,
  /** Lengths (argument: bytes per length), then all characters as one text. */
  LATIN1: 5,
  UTF8: 6,
  UTF16: 7,
  /** Long strings, each encoded alone. */
  TEXTS: 8,
  /** 64-bit integers. */
  I64: 9,
  /** Other bigints, as a column of hexadecimal strings. */
  BIGINT: 10,
  /** Milliseconds as doubles. */
  DATE: 11,
  /** Arrays of one length (the argument): a column per position. */
  TUPLE: 12,
  /** Arrays: their lengths, then one column of all elements (argument: how many). */
  LIST: 13,
  /** Records with the same fields (argument: how many): a column of names, then a column per field. */
  RECORD: 14,
  /** Rows of several kinds (argument: how many): a tag per row, row counts, then a column per kind. */
  UNION: 15,
  /** Structured-clone bytes (argument: how many) of an array of the rows. */
  CLONE: 16,
  /** Arrays of which some have far more places than items: lengths, item counts, positions (argument: how many), one column of items. */
  SPARSE: 17,
  /** Rows of any depth as one sequence of words (argument: how many bytes): deep-form.ts. */
  DEEP: 18,
} as const;
