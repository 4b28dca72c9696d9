/** The inputs of the benchmarks: made once from a seed into the cache folder, never committed. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../engine/testing-random.ts';

const SEED = 20240607;
const VOCABULARY = 100_000;
const PAIRS = 5_000_000;
const KEYS = 1_000_000;
const CORPUS_BYTES = 256 * 1024 ** 2;
export const RECORDS_FILE = 'records.txt';
const RECORDS = 50_000_000;
const FILLING = 'abcdefghijklmnopqrstuvwxyz'.repeat(4);
const CHUNK = 1 << 20;

function vocabulary(next: () => number): string[] {
  const words = new Set<string>();
  while (words.size < VOCABULARY) {
    const length = 3 + Math.floor(next() * 8);
    let word = '';
    for (let i = 0; i < length; i++) word += String.fromCharCode(97 + Math.floor(next() * 26));
    words.add(word);
  }
  return [...words];
}

/** Words by Zipf's law (exponent 1): a table of ranks, drawn from uniformly. */
function zipfTable(size: number): Uint32Array {
  const weights = Float64Array.from({ length: VOCABULARY }, (_, i) => 1 / (i + 1));
  const total = weights.reduce((a, b) => a + b, 0);
  const table = new Uint32Array(size);
  let rank = 0;
  let cumulated = weights[0]! / total;
  for (let i = 0; i < size; i++) {
    while (cumulated < (i + 0.5) / size && rank < VOCABULARY - 1) cumulated += weights[++rank]! / total;
    table[i] = rank;
  }
  return table;
}

function writeOnce(path: string, write: (append: (text: string) => number) => void): string {
  if (existsSync(path)) return path;
  const draft = `${path}.draft`;
  const file = openSync(draft, 'w');
  let size = 0;
  write((text) => {
    size += writeSync(file, text, null, 'latin1');
    return size;
  });
  closeSync(file);
  renameSync(draft, path);
  return path;
}

/** Lines of 5 to 15 words drawn by Zipf's law from 100,000 words, 256 MiB. */
function corpus(path: string): string {
  return writeOnce(path, (append) => {
    const next = seededRandom(SEED);
    const words = vocabulary(next);
    const table = zipfTable(1 << 22);
    let text = '';
    for (let size = 0; size + text.length < CORPUS_BYTES; ) {
      const length = 5 + Math.floor(next() * 11);
      for (let i = 0; i < length; i++)
        text += (i ? ' ' : '') + words[table[Math.floor(next() * table.length)]!]!;
      text += '\n';
      if (text.length > CHUNK) {
        size = append(text);
        text = '';
      }
    }
    append(text);
  });
}

/** Lines "key,value": 5 million, integer keys below a million, values with four decimals. */
function pairs(path: string): string {
  return writeOnce(path, (append) => {
    const next = seededRandom(SEED + 1);
    let text = '';
    for (let i = 0; i < PAIRS; i++) {
      text += `${Math.floor(next() * KEYS)},${(Math.floor(next() * 1e7) / 1e4).toFixed(4)}\n`;
      if (text.length > CHUNK) {
        append(text);
        text = '';
      }
    }
    append(text);
  });
}

/** 50 million lines of 99 characters and a line feed: ten random letters and digits, then a number and filling. */
export function records(folder: string): string {
  return writeOnce(join(folder, RECORDS_FILE), (append) => {
    const next = seededRandom(SEED + 2);
    let text = '';
    for (let i = 0; i < RECORDS; i++) {
      const key = Math.floor(next() * 36 ** 5)
        .toString(36)
        .padStart(5, '0');
      const more = Math.floor(next() * 36 ** 5)
        .toString(36)
        .padStart(5, '0');
      text += `${key}${more} ${String(i).padStart(10, '0')} ${FILLING.slice(i % 26, (i % 26) + 77)}\n`;
      if (text.length > CHUNK) {
        append(text);
        text = '';
      }
    }
    append(text);
  });
}

export interface BenchData {
  folder: string;
  corpus: string;
  pairs: string;
}

export function prepareData(cache: string): BenchData {
  const folder = join(cache, 'bench-data');
  mkdirSync(folder, { recursive: true });
  const data = { folder, corpus: join(folder, 'corpus.txt'), pairs: join(folder, 'kv.csv') };
  if (!existsSync(data.corpus) || !existsSync(data.pairs))
    process.stderr.write('bench: making the data (once)…\n');
  corpus(data.corpus);
  pairs(data.pairs);
  if (statSync(data.corpus).size < CORPUS_BYTES) throw new Error(`${data.corpus} is incomplete: delete it`);
  return data;
}
