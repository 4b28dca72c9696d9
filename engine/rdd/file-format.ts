/** How the rows of a dataset are written to files. */

/** Of text: gzip files end in `.gz`, zstd files in `.zst`; neither can be split when it is read. */
export type TextCompression = 'gzip' | 'zstd';

export type FileFormat =
  | { kind: 'text'; compression?: TextCompression | undefined }
  | { kind: 'json'; compression?: TextCompression | undefined }
  | { kind: 'object' }
  | { kind: 'parquet'; compression: ParquetCompression };

/** Of the pages of a Parquet file. */
export type ParquetCompression = 'none' | 'snappy' | 'gzip' | 'zstd';
