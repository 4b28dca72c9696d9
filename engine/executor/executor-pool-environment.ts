/** How an executor process is started: what it may see of the environment, and its memory limits. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PROTOCOL_VERSION } from '../protocol.ts';

const MB = 1024 * 1024;

/** Everything else stays behind: user code runs in there, and variables of a server hold secrets. */
const PASSED_ON = new Set(
  [
    'PATH HOME USER LOGNAME SHELL TMPDIR TZ LANG LANGUAGE NO_COLOR NODE_COMPILE_CACHE',
    'XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR',
    'NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR',
    'HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy',
  ].flatMap((names) => names.split(' ')),
);

export function executorEnvironment(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const allowed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (PASSED_ON.has(name) || name.startsWith('LC_'))) allowed[name] = value;
  }
  allowed['NODE_COMPILE_CACHE'] ??= compileCache(env);
  return allowed as NodeJS.ProcessEnv;
}

function compileCache(env: Readonly<Record<string, string | undefined>>): string {
  const root = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const cache = join(root, 'stagelight', `compiled-${process.version}-${PROTOCOL_VERSION}`);
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
  } catch {
    // Node does without a cache it cannot write.
  }
  return cache;
}

const LEAST_OLD = 32 * MB;
/**
 * Of half the limit a sort of 5 GB moves the rows it holds to the old ones too early, which are then collected twice as often;
 * of Node's own, larger limit each executor takes up to a hundred megabytes more, and no job is faster.
 */
const MOST_YOUNG = 32 * MB;
const MOST_YOUNG_OF_SMALL = 16 * MB;
const SMALL = 512 * MB;
/**
 * V8 collects young objects by themselves only while all of them would find room among the old ones. Where that is not so
 * it marks the whole heap, over and over even when idle, keeps what died meanwhile, and ends the process when what it moves to
 * the old ones has no room.
 */
const YOUNG_SHARE = 1 / 8;

/** A limit of the heap, and of each half of the young generation in it. */
export function executorFlags(memory: number): string[] {
  const old = Math.max(LEAST_OLD, memory);
  const young = Math.min(memory < SMALL ? MOST_YOUNG_OF_SMALL : MOST_YOUNG, old * YOUNG_SHARE);
  return [
    `--max-old-space-size=${Math.floor(old / MB)}`,
    `--max-semi-space-size=${Math.floor(young / MB)}`,
    '--disable-warning=ExperimentalWarning',
  ];
}

/** What the engine's own code takes before there is a row. */
const ENGINE_MEMORY = 16 * MB;
const LEAST_ACCOUNTED = 4 * MB;

/** What of an executor's memory is accounted for execution and storage; the rest is user code's (Spark's 0.6). */
export function accountedMemory(memory: number): number {
  return Math.max(LEAST_ACCOUNTED, Math.floor((memory - ENGINE_MEMORY) * 0.6));
}
