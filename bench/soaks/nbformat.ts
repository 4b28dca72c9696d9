/** Jupyter's own validator on what we export: every demo, and notebooks with every kind of output. Needs python3 and pip. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportIpynb } from '../../engine/kernel/export-ipynb.ts';
import { importIpynb } from '../../engine/kernel/import-ipynb.ts';
import type { CellWithOutputs } from '../../engine/kernel/ipynb.ts';
import { parseNotebook } from '../../engine/kernel/notebook-file.ts';
import type { CellOutput } from '../../engine/protocol.ts';

const demos = join(import.meta.dirname, '..', '..', 'notebooks');
const GENERATED = 300;

const VALIDATE = `
import sys, nbformat
for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5), path
    nbformat.validate(notebook, relax_add_props=False)
    print(path, len(notebook.cells))
`;

/** One of each; a kind that is added and not listed here does not compile. */
const OUTPUTS: { [K in CellOutput['kind']]: CellOutput } = {
  stream: { kind: 'stream', stream: 'stderr', text: 'one\ntwo', dropped: 3 },
  text: {
    kind: 'text',
    text: '\u001b[31mred\u001b[0m',
    truncated: { shown: 3, total: 9, unit: 'characters' },
  },
  table: {
    kind: 'table',
    columns: [
      { name: 'n', type: 'number' },
      { name: 'n', type: 'bigint' },
      { name: '', type: 'date' },
    ],
    rows: [
      [1, '2', '2026-01-01'],
      [null, null, null],
    ],
    total: 10,
  },
  json: { kind: 'json', value: { t: 'array', c: [['0', 1]] }, text: '[ 1 ]' },
  html: { kind: 'html', html: '<script>1</script>' },
  markdown: { kind: 'markdown', text: '# Title\n\n*text*' },
  image: {
    kind: 'image',
    mime: 'image/svg+xml',
    base64: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64'),
  },
  plot: {
    kind: 'plot',
    key: 'p',
    spec: { mark: 'dot', x: 'a', y: 'b' },
    columns: [{ name: 'a', type: 'number' }],
    layers: [
      {
        mark: 'dot',
        channels: {
          x: { label: 'a', type: 'number', values: [1, 2] },
          y: { label: 'b', type: 'date', values: [0, null] },
        },
        options: {},
      },
    ],
    domains: {},
    rows: { shown: 2, total: 2, how: 'all' },
    notes: [],
  },
  error: {
    kind: 'error',
    error: {
      code: 'USER',
      name: 'Error',
      message: 'no',
      stack: 'Error: no\n at x',
      cause: { code: 'A', name: 'B', message: 'c' },
    },
  },
};

/** A small generator of our own, so that a failure names its seed. */
function generated(seed: number): CellWithOutputs[] {
  let state = seed + 1;
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const all = Object.values(OUTPUTS);
  const texts = ['', 'x', '\n', 'a\nb\n', 'é🎉', '![p](data:image/png;base64,iVBORw0=)', '"\\\u2028'];
  return Array.from({ length: next(6) }, (_, i): CellWithOutputs => {
    const kind = next(3) === 0 ? 'markdown' : 'code';
    const markerText = ['', 'A title', '[sql]', 'tags=["x"]'][next(4)]!;
    const source = Array.from({ length: next(3) }, () => texts[next(texts.length)]!).join('');
    const outputs = kind === 'code' ? Array.from({ length: next(5) }, () => all[next(all.length)]!) : [];
    return {
      cellId: `c${seed}-${i}`,
      kind,
      source,
      markerText,
      outputs,
      ...(kind === 'code' ? { executionCount: next(9) } : {}),
    };
  });
}

function demo(file: string): CellWithOutputs[] {
  let n = 0;
  const { cells } = parseNotebook(readFileSync(join(demos, file), 'utf8'), () => `id${++n}`);
  return cells.map((cell) => ({ ...cell, outputs: [] }));
}

export async function run(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'stagelight-nbformat-'));
  try {
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        maxBuffer: 1 << 26,
      });
    run('python3', '-m', 'venv', join(folder, 'venv'));
    const python = join(folder, 'venv', 'bin', 'python');
    run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'nbformat');
    const shipped = readdirSync(demos).filter((name) => name.endsWith('.ts'));
    const notebooks = [
      ...shipped.map(demo),
      Object.values(OUTPUTS).map(
        (output, i): CellWithOutputs => ({
          cellId: `k${i}`,
          kind: 'code',
          source: output.kind,
          markerText: '',
          outputs: [output],
        }),
      ),
      ...Array.from({ length: GENERATED }, (_, seed) => generated(seed)),
    ];
    const paths = notebooks.map((cells, i) => {
      const text = exportIpynb(cells);
      const back = importIpynb(text);
      if (exportIpynb(back.cells) !== text || back.notes.length > 0)
        throw new Error(`notebook ${i} does not come back`);
      const path = join(folder, `${i}.ipynb`);
      writeFileSync(path, text);
      return path;
    });
    const checked = run(python, '-c', VALIDATE, ...paths)
      .trim()
      .split('\n').length;
    if (checked !== paths.length) throw new Error(`${checked} of ${paths.length} notebooks were checked`);
    const version = run(python, '-c', 'import nbformat; print(nbformat.__version__)').trim();
    return `nbformat ${version} accepts ${checked} notebooks: ${shipped.length} demos, ${checked - shipped.length} with outputs`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
