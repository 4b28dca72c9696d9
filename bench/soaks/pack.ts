/**
 * Packs the program, installs the package in an empty folder as a stranger would, and uses all of it there: scripts
 * with modules and closures, a notebook, the event log, the page with a running cell, and the library with its types.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { io } from 'socket.io-client';

const root = dirname(dirname(import.meta.dirname));
const MAX_PACKED_BYTES = 12_000_000;

const SCRIPT = `import { Kind, split } from './lib/words.ts';
interface Word { text: string }
const words: Word[] = split('a b a').map((text) => ({ text }));
const pairs = sc.parallelize(words, 3).map(({ text }): [string, number] => [text, Kind.Count]);
console.log(await pairs.reduceByKey((a, b) => a + b).sortByKey().collect(), args);
`;
const MODULE = `export enum Kind { Count = 21 }
export const split = (line: string): string[] => line.split(' ');
`;
const NOTEBOOK = `// %% [markdown]
// # A notebook

// %%
const n: number = 3;

// %%
await sc.range(n).map((x) => x * n).collect()
`;
const TYPED = `/// <reference types="stagelight/globals" />
import { HashPartitioner, KernelProcess, type RDD } from 'stagelight';
const pairs: RDD<[string, number]> = sc.parallelize(['a']).map((w) => [w, args.length]);
export const counts: Promise<Map<string, number>> = pairs.partitionBy(new HashPartitioner(2)).collectAsMap();
export const kernels: KernelProcess[] = [];
// @ts-expect-error numbers are not pairs
sc.range(3).reduceByKey((a) => a);
`;

function check(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

class Installation {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(folder: string) {
    this.#folder = folder;
    const own = [dirname(process.execPath), join(root, 'node_modules', '.bin')];
    this.#env = { ...process.env, PATH: [...own, process.env['PATH']].join(delimiter) };
  }

  command(name: string, args: string[], cwd = this.#folder): string {
    const done = spawnSync(name, args, { cwd, env: this.#env, encoding: 'utf8', maxBuffer: 1 << 26 });
    check(
      done.status === 0,
      `${name} ${args.join(' ')} ended with ${done.status}:\n${done.stdout}${done.stderr}`,
    );
    return done.stdout;
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.#folder, name)), { recursive: true });
    writeFileSync(join(this.#folder, name), text);
  }

  stagelight(...args: string[]): string {
    return this.command('npx', ['--no', 'stagelight', ...args]);
  }

  /** Not through npx, so that the signal that ends it arrives. */
  serve(): ChildProcess {
    const program = join(this.#folder, 'node_modules', 'stagelight', 'dist', 'cli', 'main.js');
    const args = [program, 'serve', '--no-open', '--port', '0', '--root', this.#folder];
    return spawn(process.execPath, args, {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }
}

function checkContent(folder: string): void {
  for (const file of filesOf(folder)) {
    check(!/\.test\.[cm]?[jt]sx?$|\.map$|\.tsx$/.test(file), `${file} does not belong into the package`);
    check(!readFileSync(file).includes(root), `${file} names the folder it was built in`);
  }
}

async function addressOf(server: ChildProcess): Promise<URL> {
  let printed = '';
  for await (const text of server.stdout!) {
    printed += text;
    const found = /http:\/\/\S+/.exec(printed);
    if (found) return new URL(found[0]);
  }
  throw new Error(`the server ended without an address: ${printed}`);
}

/** Opens the page as a browser does, then runs the notebook's cells and waits for the last. */
async function runOnPage(url: URL): Promise<void> {
  const signIn = await fetch(url, { redirect: 'manual' });
  const cookie = signIn.headers.get('set-cookie')!.split(';')[0]!;
  check((await fetch(url.origin)).status === 401, 'the page is served without a token');
  const page = await fetch(url.origin, { headers: { cookie } });
  check(page.status === 200, `the page answers ${page.status}`);
  const scripts = [...(await page.text()).matchAll(/src="(\/_next\/[^"]+\.js)"/g)].map(([, path]) => path!);
  check(scripts.length > 0, 'the page loads no script');
  for (const path of scripts) {
    const script = await fetch(url.origin + path, { headers: { cookie } });
    check(script.status === 200, `${path} answers ${script.status}`);
  }
  const socket = io(url.origin, {
    transports: ['websocket'],
    extraHeaders: { cookie, origin: url.origin },
  });
  try {
    const path = 'notebook.ts';
    const joined = await socket.timeout(30_000).emitWithAck('notebook:join', { path });
    const cells: string[] = [...JSON.stringify(joined).matchAll(/"cellId":"([^"]+)","kind":"code"/g)].map(
      ([, id]) => id!,
    );
    const last = new Promise<string>((resolve) => {
      socket.on(
        'events',
        ({ events }: { events: string | { type: string; status?: string; cellId?: string }[] }) => {
          for (const event of typeof events === 'string' ? JSON.parse(events) : events) {
            if (event.type === 'cellFinished' && event.cellId === cells.at(-1)) resolve(event.status);
          }
        },
      );
    });
    const command = { type: 'runCells', cellIds: cells };
    await socket.timeout(30_000).emitWithAck('notebook:command', { path, command });
    check((await last) === 'ok', `the last cell ended as ${await last}`);
  } finally {
    socket.disconnect();
  }
}

export async function run(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'stagelight-pack-'));
  const home = new Installation(folder);
  try {
    home.command('npm', ['pack', '--silent', '--pack-destination', folder], root);
    const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    const { size } = statSync(join(folder, packed));
    check(size < MAX_PACKED_BYTES, `the package has ${size} bytes`);
    home.write('package.json', '{ "private": true, "type": "module" }\n');
    home.command('npm', ['install', '--silent', '--no-audit', '--no-fund', packed]);
    const installed = join(folder, 'node_modules', 'stagelight');
    checkContent(installed);

    home.write('lib/words.ts', MODULE);
    home.write('script.ts', SCRIPT);
    const counted = home.stagelight('run', 'script.ts', '--executors', '2', '--', 'more');
    check(counted === "[ [ 'a', 42 ], [ 'b', 21 ] ] [ 'more' ]\n", `the script printed ${counted}`);
    home.write('notebook.ts', NOTEBOOK);
    const shown = home.stagelight('run', 'notebook.ts', '--events', 'events.jsonl');
    check(shown === '[ 0, 3, 6 ]\n', `the notebook showed ${shown}`);
    check(
      home.stagelight('history', 'events.jsonl').includes('1 job (0 failed)'),
      'the history lacks the job',
    );

    home.write('typed.ts', TYPED);
    const options = ['--noEmit', '--strict', '--target', 'esnext', '--module', 'nodenext', '--types', 'node'];
    const types = ['--typeRoots', join(root, 'node_modules', '@types')];
    home.command('tsc', [...options, ...types, 'typed.ts']);

    const server = home.serve();
    try {
      await runOnPage(await addressOf(server));
    } finally {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
    }
    const files = filesOf(installed).length;
    return `${(size / 1e6).toFixed(1)} MB packed, ${files} files; scripts, notebook, history, page and types work`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
