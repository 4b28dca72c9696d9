/** The host's handle of one kernel: starts the process, passes messages, tells how and why it ended. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { executorEnvironment } from '../executor/executor-pool-environment.ts';
import type { ErrorData } from '../protocol.ts';
import { lossReason } from './kernel-loss.ts';
import type {
  FaultAnswer,
  FaultOrder,
  FromKernel,
  InspectAnswer,
  InspectQuestion,
  KernelConfig,
  ToKernel,
} from './messages.ts';

export type KernelEvents = Extract<FromKernel, { type: 'events' }>;

export interface KernelListener {
  /** The kernel answers; cells may be executed (those sent earlier wait in its queue of messages). */
  ready?(boot: string, pid: number): void;
  events(batch: KernelEvents): void;
  /** Called once. `error` is absent when the kernel was asked to end. */
  exited(error: ErrorData | undefined): void;
}

/** How long a kernel may take to abort its job and flush its log before it is killed. */
const SHUTDOWN_DEADLINE_MS = 10_000;
const STDERR_TAIL = 8_000;
const ANSWER_DEADLINE_MS = 2_000;
/** Its scheduler may still be starting. */
const FAULT_DEADLINE_MS = 10_000;

const KERNEL_FLAGS = [
  '--disable-warning=ExperimentalWarning',
  // A terminated timer callback leaves its entry on the async_hooks stack; Node's check would abort the process.
  '--no-force-async-hooks-checks',
  // From the start what events of thousands of tasks a second need: growing to it takes the collector a twentieth of the time.
  '--min-semi-space-size=16',
];

/** As its executors' environment; besides, what programs that a cell starts ask of a terminal. */
export function kernelEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const allowed = executorEnvironment(env);
  for (const name of ['TERM', 'COLORTERM']) if (env[name] !== undefined) allowed[name] = env[name];
  return allowed;
}

export class KernelProcess {
  readonly config: KernelConfig;
  readonly #child: ChildProcess;
  readonly #listener: KernelListener;
  readonly #ended: Promise<void>;
  /** Questions under way. */
  readonly #questions = new Map<number, (answer: InspectAnswer | FaultAnswer) => void>();
  #lastQuestion = 0;
  #stderr = '';
  #fatal: ErrorData | undefined;
  #closing = false;
  #draining = false;
  #exitCode = 0;

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

  /** Looks into a variable; undefined when the kernel does not answer soon: something keeps its thread. */
  inspect(question: InspectQuestion): Promise<InspectAnswer | undefined> {
    return this.#ask(ANSWER_DEADLINE_MS, (id) => ({ type: 'inspect', id, question }));
  }

  /** Breaks something on purpose, or ends that; undefined when the kernel does not answer. */
  fault(order: FaultOrder): Promise<FaultAnswer | undefined> {
    return this.#ask(FAULT_DEADLINE_MS, (id) => ({ type: 'fault', id, order }));
  }

  #ask<A extends InspectAnswer | FaultAnswer>(
    deadlineMs: number,
    message: (id: number) => ToKernel,
  ): Promise<A | undefined> {
    const id = ++this.#lastQuestion;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#questions.delete(id) && resolve(undefined), deadlineMs);
      this.#questions.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer as A);
      });
      this.send(message(id));
    });
  }

  /** No further cell comes: resolves, with user code's exit code, when it had nothing left to wait for and the kernel has ended. */
  async drain(): Promise<number> {
    this.#draining = true;
    this.send({ type: 'drain' });
    await this.#ended;
    return this.#exitCode;
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
      case 'inspected':
      case 'faultAnswered':
        this.#questions.get(message.id)?.(message.answer);
        this.#questions.delete(message.id);
        return;
      case 'drained':
        this.#exitCode = message.exitCode;
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
