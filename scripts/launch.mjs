/**
 * What every launcher needs before our own code can run: dependencies installed, a Node that strips types, the page
 * built. Runs on Node 20 and imports nothing outside Node, because on a fresh clone nothing else is there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MAJOR = 24;

function digest(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
    } else if (!/\.test\.tsx?$/.test(path)) {
      hash.update(relative(root, path)).update('\0').update(readFileSync(path));
    }
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest('hex');
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** One launcher at a time installs or builds: two on a fresh clone would overwrite each other's files. */
function exclusively(work) {
  const lock = join(root, '.cache', 'launch.lock');
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      const holder = Number(existsSync(join(lock, 'pid')) ? readFileSync(join(lock, 'pid'), 'utf8') : 0);
      // A launcher that died before it wrote its number left a lock that nobody holds.
      const abandoned = !holder && Date.now() - statSync(lock, { throwIfNoEntry: false })?.mtimeMs > 10_000;
      if (abandoned || (holder && !isAlive(holder))) rmSync(lock, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
    }
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Runs `work` unless the stamp already says so; the stamp is written after success only. */
function stamped(stamp, wanted, work) {
  const isDone = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isDone()) return;
  exclusively(() => {
    if (isDone()) return;
    work();
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, wanted);
  });
}

/** Runs a preparing command with its output on stderr: stdout belongs to the command the user asked for. */
function prepare(title, command, args, env = {}) {
  process.stderr.write(`stagelight: ${title}…\n`);
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
    process.stderr.write(
      `stagelight: ${title} failed (${result.error?.message ?? `exit code ${result.status}`}).\n`,
    );
    process.exit(1);
  }
}

/** Installs the dependencies named by the lock file, once per lock file. */
export function ensureInstalled() {
  const stamp = join(root, 'node_modules', '.stagelight-stamp');
  stamped(stamp, digest(['package.json', 'package-lock.json']), () => {
    prepare('installing dependencies', 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  });
}

/** The Node that runs our TypeScript: this one if new enough, else the one the dependencies bring. */
export function nodePath() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  return join(root, 'node_modules', 'node', 'bin', 'node');
}

export function childEnvironment() {
  const bin = join(root, 'node_modules', '.bin');
  return {
    ...process.env,
    PATH: `${dirname(nodePath())}:${bin}:${process.env.PATH ?? ''}`,
    NODE_COMPILE_CACHE:
      process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node-compile'),
    NEXT_TELEMETRY_DISABLED: '1',
  };
}

/** What is bundled for the browser. Files in `public` are served as they are. */
export const PAGE_SOURCES = [
  'app',
  'components',
  'engine/fold',
  'engine/cell-chain.ts',
  'engine/errors.ts',
  'engine/fault-protocol.ts',
  'engine/files-protocol.ts',
  'engine/notebook-protocol.ts',
  'engine/output-protocol.ts',
  'engine/plot-protocol.ts',
  'engine/protocol.ts',
  'engine/scheduling-protocol.ts',
  'engine/viewer-protocol.ts',
  'next.config.ts',
];

/** Builds the page when any of its sources changed since the last build. */
export function ensureBuilt() {
  // The declarations that the page's editors know: they change oftener than the page, and are made in a second.
  const types = digest(['engine', 'scripts/page-types.mjs', 'tsconfig.json', 'package-lock.json']);
  stamped(join(root, 'public', 'types', '.stamp'), types, () => {
    prepare('writing the types of the engine', nodePath(), [join(root, 'scripts', 'page-types.mjs')]);
  });
  const wanted = digest([...PAGE_SOURCES, 'postcss.config.mjs', 'tsconfig.json', 'package-lock.json']);
  stamped(join(root, '.next', '.stagelight-stamp'), wanted, () => {
    forgetCacheOfOtherInstall();
    const next = join(root, 'node_modules', 'next', 'dist', 'bin', 'next');
    prepare('building the page (about a minute, once)', nodePath(), [next, 'build'], {
      ...childEnvironment(),
      NODE_ENV: 'production',
    });
  });
}

/**
 * The build's cache remembers which packages it did not find: one made before or during an installation would go on
 * missing them. It is kept for as long as node_modules is the one it was made with.
 */
function forgetCacheOfOtherInstall() {
  const cache = join(root, '.next', 'cache');
  const mark = join(cache, '.stagelight-install');
  // npm writes this file anew at the end of every installation.
  const installed = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  const install = `${installed?.ino} ${installed?.mtimeMs}`;
  if (existsSync(mark) && readFileSync(mark, 'utf8') === install) return;
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  writeFileSync(mark, install);
}

/** For `serve`: what `cli/server-flags.ts` says why. */
export const SERVER_FLAGS = JSON.parse(readFileSync(join(root, 'cli', 'server-flags.json'), 'utf8'));

/** Runs one of our TypeScript files in place of this process: same terminal, signals passed on, same exit code. */
export function runTypeScript(file, args, flags = ['--disable-warning=ExperimentalWarning']) {
  const child = spawn(nodePath(), [...flags, join(root, file), ...args], {
    stdio: 'inherit',
    env: childEnvironment(),
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`stagelight: cannot start Node ${NODE_MAJOR}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code ?? 1);
  });
}
