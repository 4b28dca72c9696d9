/** The packages that know the Parquet format, loaded when a first file is read or written: executors start without them. */
import { createRequire } from 'node:module';

interface Reading {
  format: typeof import('hyparquet');
  assemble: typeof import('hyparquet/src/assemble.js');
  column: typeof import('hyparquet/src/column.js');
  convert: typeof import('hyparquet/src/convert.js');
  schema: typeof import('hyparquet/src/schema.js');
  utils: typeof import('hyparquet/src/utils.js');
}

const load = createRequire(import.meta.url);
let reading: Reading | undefined;

export function parquetReading(): Reading {
  reading ??= {
    format: load('hyparquet'),
    assemble: load('hyparquet/src/assemble.js'),
    column: load('hyparquet/src/column.js'),
    convert: load('hyparquet/src/convert.js'),
    schema: load('hyparquet/src/schema.js'),
    utils: load('hyparquet/src/utils.js'),
  };
  return reading;
}

export function parquetWriting(): typeof import('hyparquet-writer') {
  return load('hyparquet-writer');
}
