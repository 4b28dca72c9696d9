/** The host's handle of one kernel: starts the process, passes messages, tells how and why it ended. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StagelightError } from '../errors.ts';
import { type ErrorData, PROTOCOL_VERSION } from '../protocol.ts';
import type { FromKernel, KernelConfig, ToKernel } from './messages.ts';

export type KernelEvents = Extract<FromKernel, { type: 'events' }>;

export interface KernelListener {
  /** The kernel answers; cells may be executed (those sent earlier wait in its queue of messages). */
  ready?(boot: string, pid: number): void;
  events(batch: KernelEvents): void;
  /** Called once. `error` is absent when the kernel was asked to end. */
  exited(error: ErrorData | undefined): void;
}

/** How long a kernel may take to abort its job and flush its log before it is killed. */
export const SHUTDOWN_DEADLINE_MS = 10_000;
const STDERR_TAIL = 8_000;

const KERNEL_FLAGS = [
  '--disable-warning=ExperimentalWarning',
  // A terminated timer callback leaves its entry on the async_hooks stack; Node's check would abort the process.
  '--no-force-async-hooks-checks',
];

const PASSED_ON = new Set([
  ...[
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'TMPDIR',
    'TZ',
    'LANG',
    'LANGUAGE',
    'TERM',
    'COLORTERM',
    'NO_COLOR',
  ],
  ...[
    'XDG_CACHE_HOME',
    'XDG_CONFIG_HOME',
    'XDG_DATA_HOME',
    'XDG_RUNTIME_DIR',
    'NODE_EXTRA_CA_CERTS',
    'SSL_CERT_FILE',
  ],
  ...['SSL_CERT_DIR', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
]);

/** What a kernel and its children may see of the host's environment: nothing that could hold a secret of the server. */
export function kernelEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const allowed: Partial<NodeJS.ProcessEnv> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (PASSED_ON.has(name) || name.startsWith('LC_'))) allowed[name] = value;
  }
  const cache = join(
    env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
    'stagelight',
    `compiled-${process.version}-${PROTOCOL_VERSION}`,
  );
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    allowed['NODE_COMPILE_CACHE'] = cache;
  } catch {
    // Without a cache the kernel only starts slower.
  }
  return allowed as NodeJS.ProcessEnv;
}

export class KernelProcess {
  readonly config: KernelConfig;
  readonly #child: ChildProcess;
  readonly #listener: KernelListener;
  readonly #ended: Promise<void>;
  #stderr = '';
  #fatal: ErrorData | undefined;
  #closing = false;
  #draining = false;

  constructor(config: KernelConfig, listener: KernelListener) {
    this.config = config;
    this.#listener = listener;
    const entry = import.meta.url.endsWith('.ts') ? './kernel.ts' : './kernel.js';
    this.#child = fork(fileURLToPath(new URL(entry, import.meta.url)), [], {
      cwd: config.directory,
      env: kernelEnvironment(process.env),
      execArgv: KERNEL_FLAGS,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // A Ctrl-C on the terminal reaches the host, which decides; it must not end the kernel behind its back.
      detached: true,
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
    });
    this.#child.on('message', (message) => this.#receive(message as FromKernel));
    this.#child.on('error', () => {
      // Reported by 'close', or by a refused send.
    });
    this.#ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        resolve();
        const asked = this.#closing || (this.#draining && code === 0);
        this.#listener.exited(asked ? undefined : this.#reason(code, signal));
      };
      // 'exit' may come while the stderr pipe is still held open by an orphan: wait for it only briefly.
      this.#child.once('exit', (code, signal) => {
        const timer = setTimeout(() => end(code, signal), 500);
        this.#child.once('close', () => {
          clearTimeout(timer);
          end(code, signal);
        });
      });
      this.#child.once('error', () => {
        if (this.#child.pid === undefined) end(null, null);
      });
    });
    this.send({ type: 'start', config });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToKernel): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** No further cell comes: resolves when user code had nothing left to wait for and the kernel has ended. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.send({ type: 'drain' });
    await this.#ended;
  }

  /** Ends the kernel: it aborts its job, flushes its log and exits; killed when that takes longer than 10 s. */
  async shutdown(deadlineMs = SHUTDOWN_DEADLINE_MS): Promise<void> {
    this.#closing = true;
    this.send({ type: 'shutdown' });
    const timer = setTimeout(() => this.kill(), deadlineMs);
    await this.#ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #receive(message: FromKernel): void {
    switch (message.type) {
      case 'ready':
        this.#listener.ready?.(message.boot, message.pid);
        return;
      case 'events':
        this.#listener.events(message);
        return;
      case 'fatal':
        this.#fatal = message.error;
        return;
      default:
        message satisfies never;
    }
  }

  #reason(code: number | null, signal: NodeJS.Signals | null): ErrorData {
    return this.#fatal ?? lossReason(code, signal, this.#stderr, this.config);
  }
}

/** Why a kernel that was not asked to end did so, as far as its exit and its last words tell. */
export function lossReason(
  code: number | null,
  signal: NodeJS.Signals | null,
  stderr: string,
  config: Pick<KernelConfig, 'driverMemory' | 'directory'>,
): ErrorData {
  const lost = (message: string, hint: string, errorCode = 'KERNEL_LOST'): ErrorData => ({
    code: errorCode,
    name: StagelightError.name,
    message,
    hint,
  });
  const restart = 'Restart the kernel and run the cells again; the notebook and its outputs are kept.';
  if (/heap out of memory|Reached heap limit|ERR_WORKER_OUT_OF_MEMORY/.test(stderr)) {
    return driverOutOfMemory(config.driverMemory);
  }
  if (signal === 'SIGKILL') {
    return lost(
      'kernel lost: it was killed (SIGKILL), by someone or because the machine ran out of memory',
      restart,
    );
  }
  if (signal) return lost(`kernel lost: it was ended by ${signal}`, restart);
  const lastWords = stderr
    .split('\n')
    .find((line) => /Error|error|FATAL/.test(line))
    ?.trim()
    .slice(0, 500);
  if (code === null)
    return lost(
      `kernel lost: it could not be started in ${config.directory}`,
      'Check that the folder exists.',
    );
  return lost(`kernel lost: it exited with code ${code}${lastWords ? `: ${lastWords}` : ''}`, restart);
}

export function driverOutOfMemory(limit: number): ErrorData {
  return {
    code: 'DRIVER_OUT_OF_MEMORY',
    name: StagelightError.name,
    message: `kernel lost: the notebook's own values outgrew the driver's memory limit of ${Math.round(limit / 1024 ** 2)} MB (--driver-memory)`,
    hint: 'Keep large data in RDDs instead of collecting it (take, reduce, saveAsTextFile), or raise --driver-memory.',
  };
}
