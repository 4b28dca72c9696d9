/** The options of a check as Monaco's TypeScript wants them: its own numbers, and files that are no files. */
import { CHECK_OPTIONS } from '../../../engine/cell-chain.ts';

const ESNEXT = 99;
const BUNDLER = 100;

export const COMPILER_OPTIONS = {
  ...CHECK_OPTIONS,
  target: ESNEXT,
  module: ESNEXT,
  moduleResolution: BUNDLER,
  lib: [...CHECK_OPTIONS.lib],
  types: [] as string[],
  allowNonTsExtensions: true,
};
