/**
 * One column of a row group, page by page: in memory are its dictionary, the pages whose rows are wanted next, and no
 * more of it, whatever the size of the row group. What a page will take is asked for before it is decompressed.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { ColumnMetaData, Compressors, DecodedArray, PageHeader, SchemaTree } from 'hyparquet';
import type { ColumnDecoder, DataReader } from 'hyparquet/src/types.js';
import { type ParquetInput, parquetBroken, readRange } from '../rdd/parquet-footer.ts';
import { parquetReading } from '../storage/parquet-library.ts';
import { estimateRowsSize } from '../storage/size-estimate.ts';

/** Snappy is the library's own. */
const COMPRESSORS: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
};

/** Read to find the head of a page, mostly with the page. */
const WINDOW = 1 << 16;
/** A head is larger only for the longest statistics. */
const LARGEST_HEAD = 1 << 24;

/** What the library makes of each value of a page while it decodes it, in bytes, besides the values themselves. */
const SLOT = 8;
const BYTES_VIEW = 128;
const TEXT = 32;
const DATE = 128;
/** A list that something was put into. */
const LIST = 192;

/** What a reader of several columns holds. */
export interface PageMemory {
  /** Throws when there is no room for so many bytes more. */
  take(bytes: number): void;
  giveBack(bytes: number): void;
}

interface Page {
  values: ArrayLike<unknown>;
  /** The first that was not handed out. */
  at: number;
  bytes: number;
}

export interface ColumnOptions {
  input: ParquetInput;
  tree: SchemaTree;
  chunk: ColumnMetaData;
  /** Of the row group. */
  rows: number;
  memory: PageMemory;
  /** Beyond so many bytes no further page is decoded while there is a row. */
  enough: number;
  onRead(bytes: number): void;
}

export class ParquetColumn {
  readonly path: string;
  readonly #options: ColumnOptions;
  readonly #decoder: ColumnDecoder;
  readonly #isFlat: boolean;
  /** The arrays that decoding makes, for the levels of the path: around each value, and around all of a row. */
  readonly #lists: { ofValue: number; ofRow: number };
  readonly #levels: number;
  #next: number;
  readonly #end: number;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  #dictionary: DecodedArray | undefined;
  /** Of a column with lists always one: its last row may go on in the page after it. */
  #pages: Page[] = [];
  #rows = 0;
  #bytes = 0;

  constructor(options: ColumnOptions) {
    const { tree, chunk } = options;
    const { convert, schema } = parquetReading();
    this.#options = options;
    this.path = chunk.path_in_schema.join('.');
    const schemaPath = schema.getTreePath(tree, chunk.path_in_schema);
    this.#isFlat = schema.isFlatColumn(schemaPath);
    const definition = schema.getMaxDefinitionLevel(schemaPath);
    this.#levels = definition + schema.getMaxRepetitionLevel(schemaPath) > 0 ? 2 * SLOT : 0;
    this.#lists = listsOf(schemaPath);
    this.#decoder = {
      ...chunk,
      pathInSchema: chunk.path_in_schema,
      element: schemaPath.at(-1)!.element,
      schemaPath,
      parsers: convert.DEFAULT_PARSERS,
      compressors: COMPRESSORS,
      // Bytes that are not said to be text are bytes.
      utf8: false,
    };
    // Some writers put 0 where there is no dictionary.
    this.#next = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
    this.#end = this.#next + Number(chunk.total_compressed_size);
  }

  /** How many of the next `count` rows are in memory, one at least; fewer than those only at the end of the column. */
  fill(count: number): number {
    while (this.#available < count && (this.#available === 0 || this.#bytes < this.#options.enough)) {
      if (this.#next >= this.#end) break;
      this.#decodePage();
    }
    return Math.min(count, this.#available);
  }

  /** Whether rows are left. */
  get hasMore(): boolean {
    return this.fill(1) > 0;
  }

  get #available(): number {
    // The last row of lists is whole when another follows.
    return this.#isFlat || this.#next >= this.#end ? this.#rows : Math.max(0, this.#rows - 1);
  }

  /** The next rows, which `fill` said are there. */
  take(count: number): unknown[] {
    const taken: unknown[] = [];
    while (taken.length < count) {
      const page = this.#pages[0]!;
      const to = Math.min(page.values.length, page.at + count - taken.length);
      for (; page.at < to; page.at++) taken.push(page.values[page.at]);
      if (page.at === page.values.length) this.#release(this.#pages.shift()!);
    }
    this.#rows -= count;
    return taken;
  }

  #release(page: Page): void {
    this.#bytes -= page.bytes;
    this.#options.memory.giveBack(page.bytes);
  }

  #decodePage(): void {
    const { chunk, input, memory } = this.#options;
    const header = this.#header();
    const compressed = header.compressed_page_size;
    const { num_values: values, total_uncompressed_size: plain } = chunk;
    const isDictionary = header.type === 'DICTIONARY_PAGE';
    if (
      !isWithin(compressed, this.#end - this.#next) ||
      !isWithin(header.uncompressed_page_size, Number(plain)) ||
      !isWithin(valuesOf(header), isDictionary ? Number.POSITIVE_INFINITY : Number(values))
    )
      throw parquetBroken(input.path, `a page of the column ${this.path} is larger than the column`);
    if (!isDictionary && valuesOf(header) === 0) {
      this.#next += compressed;
      return;
    }
    const expected = this.#expectedBytes(header);
    memory.take(expected);
    const bytes = this.#read(compressed);
    this.#next += compressed;
    const before = this.#bytes;
    let dictionary = 0;
    if (isDictionary) dictionary = this.#keepDictionary(header, bytes);
    else this.#keep(header, bytes);
    // Granted for all that was there at once; some of it is the memory of a page that this one was joined to.
    const after = this.#bytes - before + dictionary;
    if (after > expected) memory.take(after - expected);
    else memory.giveBack(expected - after);
  }

  #keepDictionary(header: PageHeader, bytes: Buffer): number {
    const { column, convert } = parquetReading();
    const { data } = column.readPage(readerOf(bytes), header, this.#decoder, undefined, undefined, 0);
    this.#dictionary = data && convert.convert(data, this.#decoder);
    return heldBytes(this.#dictionary ?? []);
  }

  #keep(header: PageHeader, bytes: Buffer): void {
    const last = this.#isFlat ? undefined : this.#unhanded();
    const { data } = parquetReading().column.readPage(
      readerOf(bytes),
      header,
      this.#decoder,
      this.#dictionary,
      last,
      0,
    );
    let values: ArrayLike<unknown> = data ?? [];
    if (last !== undefined && values !== last) values = [...last, ...(values as unknown[])];
    if (!this.#isFlat) {
      this.#pages = [];
      this.#rows = 0;
      this.#bytes = 0;
    }
    if (values.length === 0) return;
    const page = { values, at: 0, bytes: this.#heldBytes(values, header) };
    this.#pages.push(page);
    this.#rows += values.length;
    this.#bytes += page.bytes;
  }

  /** What stays of a page: of texts and objects of the dictionary, which are counted there, only the references. */
  #heldBytes(values: ArrayLike<unknown>, header: PageHeader): number {
    const dictionary = this.#dictionary;
    const isShared =
      this.#isFlat &&
      encodingOf(header).endsWith('_DICTIONARY') &&
      Array.isArray(dictionary) &&
      typeof dictionary[0] !== 'number';
    return isShared ? values.length * SLOT : heldBytes(values);
  }

  /** The rows of lists that are to come, with the last, which may be half there. */
  #unhanded(): unknown[] {
    const page = this.#pages[0];
    return page === undefined ? [] : Array.prototype.slice.call(page.values, page.at);
  }

  /** What of a page is in memory at once while it is decoded. */
  #expectedBytes(header: PageHeader): number {
    const { codec, element } = this.#decoder;
    const plain = header.uncompressed_page_size;
    const pages = codec === 'UNCOMPRESSED' ? plain : plain + header.compressed_page_size;
    let each = 2 * SLOT + this.#levels;
    let texts = 0;
    if (!encodingOf(header).endsWith('_DICTIONARY')) {
      const { type, converted_type: converted, logical_type: logical } = element;
      if (type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY') {
        each += BYTES_VIEW + TEXT;
        texts = plain;
      } else if (type === 'INT96' || converted !== undefined || logical !== undefined) each += DATE;
    }
    return pages + texts + valuesOf(header) * each + this.#listBytes(header);
  }

  /** Of the lists that decoding makes. Pages of the second version say how many rows they have, of the first about as many as all. */
  #listBytes(header: PageHeader): number {
    if (header.type === 'DICTIONARY_PAGE') return 0;
    const { chunk, rows } = this.#options;
    const { ofValue, ofRow } = this.#lists;
    const values = valuesOf(header);
    const mean = Math.min(values, Math.ceil((values * rows) / Number(chunk.num_values)));
    const said = header.data_page_header_v2?.num_rows ?? mean;
    return (values * ofValue + (isWithin(said, values) ? said : mean) * ofRow) * LIST;
  }

  /** The head of the next page; `next` is behind it then. */
  #header(): PageHeader {
    const { path } = this.#options.input;
    const left = this.#end - this.#next;
    for (let size = Math.min(left, WINDOW); ; size = Math.min(left, size * 4)) {
      const window = this.#bytesAt(size);
      const reader = readerOf(window);
      try {
        const header = parquetReading().column.parquetHeader(reader);
        this.#next += reader.offset;
        this.#options.onRead(reader.offset + header.compressed_page_size);
        return header;
      } catch (error) {
        if (size < left && size < LARGEST_HEAD) continue;
        throw parquetBroken(path, (error as Error).message, error);
      }
    }
  }

  /** At least so many bytes from the next on where the column has them: of the window while that reaches. */
  #bytesAt(size: number): Buffer {
    const { fd, path, sums } = this.#options.input;
    const from = this.#next - this.#windowAt;
    // A head is seldom longer than this.
    const rest = this.#window.length - from;
    if (from >= 0 && rest >= Math.min(size, WINDOW / 16)) return this.#window.subarray(from);
    this.#window = readRange(fd, path, this.#next, this.#next + size, sums);
    this.#windowAt = this.#next;
    return this.#window;
  }

  #read(size: number): Buffer {
    const { fd, path, sums } = this.#options.input;
    const from = this.#next - this.#windowAt;
    if (from >= 0 && from + size <= this.#window.length) return this.#window.subarray(from, from + size);
    return readRange(fd, path, this.#next, this.#next + size, sums);
  }
}

/** Decoding makes an array for each level that may be absent or repeated, but not for the value itself. */
function listsOf(schemaPath: readonly SchemaTree[]): { ofValue: number; ofRow: number } {
  const lists = { ofValue: 0, ofRow: 0 };
  let isRepeated = false;
  for (const [depth, { element }] of schemaPath.entries()) {
    const repetition = element.repetition_type;
    const isValue = depth === schemaPath.length - 1 && repetition !== 'REPEATED';
    if (depth > 0 && !isValue && repetition !== 'REQUIRED') lists[isRepeated ? 'ofValue' : 'ofRow']++;
    isRepeated ||= repetition === 'REPEATED';
  }
  return lists;
}

function readerOf(bytes: Buffer): DataReader {
  return { view: new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

function valuesOf(header: PageHeader): number {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
  return Number((v1 ?? v2 ?? dictionary)?.num_values ?? 0);
}

function encodingOf({ data_page_header: v1, data_page_header_v2: v2 }: PageHeader): string {
  return (v1 ?? v2)?.encoding ?? 'PLAIN';
}

/** Of a broken file a head may say anything. */
function isWithin(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

function heldBytes(values: ArrayLike<unknown>): number {
  return ArrayBuffer.isView(values) ? values.byteLength : estimateRowsSize(values as unknown[]);
}
