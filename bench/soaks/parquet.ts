/** Parquet files of Arrow read here, and ours read by Arrow: every type we define, every compression. Needs python3 and pip. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { withContext } from '../../engine/testing.ts';

const WRITE = `
import sys, datetime, decimal, pyarrow as pa, pyarrow.parquet as pq
folder = sys.argv[1]
n = 5000
def some(i, value): return None if i % 7 == 3 else value
table = pa.table({
  'int32': pa.array([some(i, i - 2500) for i in range(n)], pa.int32()),
  'int64': pa.array([some(i, i * 2**50) for i in range(n)], pa.int64()),
  'float64': pa.array([some(i, i / 3) for i in range(n)], pa.float64()),
  'text': pa.array([some(i, 'text %d' % (i % 50)) for i in range(n)]),
  'bytes': pa.array([some(i, bytes([i % 256, 0, 255])) for i in range(n)], pa.binary()),
  'flag': pa.array([some(i, i % 2 == 0) for i in range(n)]),
  'date': pa.array([some(i, datetime.date(1970, 1, 1) + datetime.timedelta(days=i)) for i in range(n)]),
  'micros': pa.array([some(i, i * 1000) for i in range(n)], pa.timestamp('us', tz='UTC')),
  'decimal': pa.array([some(i, decimal.Decimal(i) / 4) for i in range(n)], pa.decimal128(12, 2)),
  'list': pa.array([some(i, [None if j == 1 else j for j in range(i % 4)]) for i in range(n)], pa.list_(pa.int32())),
  'struct': pa.array([some(i, {'a': i, 'b': ['x'] * (i % 3)}) for i in range(n)]),
})
for codec in ['none', 'snappy', 'gzip', 'brotli', 'zstd']:
  for version in ['1.0', '2.0']:
    pq.write_table(table, f'{folder}/{codec}-{version}.parquet', compression=codec, row_group_size=1700, data_page_version=version)
for version in ['1.0', '2.0']:
  pq.write_table(table, f'{folder}/pages-{version}.parquet', row_group_size=1700, data_page_version=version, data_page_size=64, write_batch_size=7, use_dictionary=False)
`;

const READ = `
import sys, json, datetime, pyarrow.parquet as pq
def plain(v):
  if isinstance(v, datetime.datetime): return 'd%d' % round(v.timestamp() * 1000)
  if isinstance(v, bytes): return 'b' + v.hex()
  if isinstance(v, bool) or v is None or isinstance(v, float): return v
  if isinstance(v, int): return 'i%d' % v
  if isinstance(v, list): return [plain(x) for x in v]
  if isinstance(v, dict): return {k: plain(x) for k, x in v.items()}
  return v
print(json.dumps([plain(row) for row in pq.read_table(sys.argv[1]).to_pylist()]))
`;

interface ArrowRow {
  [name: string]: unknown;
}

function expected(i: number): ArrowRow {
  const row = {
    int32: i - 2500,
    int64: BigInt(i) * 2n ** 50n,
    float64: i / 3,
    text: `text ${i % 50}`,
    bytes: Uint8Array.of(i % 256, 0, 255),
    flag: i % 2 === 0,
    date: new Date(i * 86_400_000),
    micros: new Date(i),
    decimal: i / 4,
    list: Array.from({ length: i % 4 }, (_, j) => (j === 1 ? null : j)),
    struct: { a: BigInt(i), b: Array.from({ length: i % 3 }, () => 'x') },
  };
  return i % 7 === 3 ? Object.fromEntries(Object.keys(row).map((name) => [name, null])) : row;
}

/** What Python prints of a value. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `i${value}`;
  if (value instanceof Date) return `d${value.getTime()}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}

function same(a: unknown, b: unknown, what: string): void {
  const [left, right] = [a, b].map((value) => JSON.stringify(plain(value)));
  if (left !== right) throw new Error(`${what}: ${left?.slice(0, 300)} is not ${right?.slice(0, 300)}`);
}

export async function run(): Promise<string> {
  return await withContext({ executors: 2 }, async ({ sc, folder }) => {
    const python = process.env['STAGELIGHT_PYTHON'] ?? arrowPython(folder);
    const call = (script: string, ...args: string[]) =>
      execFileSync(python, ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
    call(WRITE, folder);
    const names = ['none', 'snappy', 'gzip', 'brotli', 'zstd', 'pages'].flatMap((codec) => [
      `${codec}-1.0`,
      `${codec}-2.0`,
    ]);
    for (const name of names) {
      const rows = await sc.parquetFile<ArrowRow>(`${name}.parquet`).collect();
      if (rows.length !== 5000) throw new Error(`${name}: ${rows.length} rows`);
      for (const [i, row] of rows.entries()) same(row, expected(i), `${name}, row ${i}`);
    }
    const { int32: _, decimal: __, ...first } = expected(0);
    const ours = Array.from({ length: 3000 }, (_row, i) => {
      const { int32: _int, decimal: _decimal, date, list, ...row } = expected(i);
      return {
        ...row,
        date,
        floats: (list as number[] | null)?.map((n) => (n === null ? null : n + 0.5)) ?? null,
      };
    });
    for (const compression of ['none', 'snappy', 'gzip', 'zstd'] as const) {
      await sc.parallelize(ours, 3).saveAsParquetFile(compression, { compression });
      const read = JSON.parse(call(READ, join(folder, compression))) as unknown[];
      same(read, ours.map(plain), `Arrow, ${compression}`);
    }
    return `${names.length} files of Arrow, ${Object.keys(first).length + 2} types; 4 datasets of ours read by Arrow`;
  });
}

function arrowPython(folder: string): string {
  const venv = join(folder, '.venv');
  execFileSync('python3', ['-m', 'venv', venv]);
  execFileSync(join(venv, 'bin', 'pip'), ['install', '-q', 'pyarrow']);
  return join(venv, 'bin', 'python');
}
