/** One executor process as the pool sees it: what it was sent, what it is doing, and how it ended. */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TakenBack, TaskLaunch } from '../scheduler/backend.ts';
import { accountedMemory, executorEnvironment, executorFlags } from './executor-pool-environment.ts';
import { Pulse } from './executor-pool-health.ts';
import { needDescriptors } from './free-descriptors.ts';
import type { FromExecutor, ToExecutor } from './messages.ts';
import { headTask, takeBack } from './take-back.ts';
import { type Packed, unpackMessages } from './task-end-batch.ts';
import { TaskFileOwner, taskFileName } from './task-file.ts';

export interface ExecutorProcessOptions {
  /** The module the child runs. */
  entry: string;
  executorId: string;
  slot: number;
  memory: number;
  blockDirectory: string;
  workingDirectory: string;
  now: number;
}

export interface ExecutorExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

export interface ExecutorListener {
  message(executor: ExecutorProcess, message: FromExecutor): void;
  /** Text that did not come through the executor's own capture: native code, or Node's last words. */
  output(executor: ExecutorProcess, stream: 'stdout' | 'stderr', text: string): void;
  /** Called once, after the last message. */
  exited(executor: ExecutorProcess, exit: ExecutorExit): void;
}

const STDERR_TAIL = 16_000;
/** How long the pipes of an ended process may still be read: an orphan of it may hold them open. */
const DRAIN_MS = 500;

export class ExecutorProcess {
  readonly executorId: string;
  readonly slot: number;
  readonly pulse: Pulse;
  readonly startedAt: number;
  /** Stage attempts and closures it has. */
  readonly stages = new Set<string>();
  readonly closures = new Set<string>();
  /** Tasks sent and not ended, in order. */
  readonly tasks = new Map<number, TaskLaunch>();
  /** Tasks asked to stop, with the time they get once they run, and whether it has begun. */
  readonly killing = new Map<number, { reason: string; graceMs: number; enforced: boolean }>();
  mode: 'starting' | 'ready' | 'ended' = 'starting';
  hasRunTasks = false;
  /** The scheduler has heard of it. */
  announced = false;
  /** Why we killed it, when we did. */
  killed: { reason: string; kind: 'killed' | 'hung' | 'shutdown' } | undefined;
  readonly #child: ChildProcess;
  readonly #taskFile: TaskFileOwner;
  readonly #taskFilePath: string;
  #stderr = '';

  /** Throws when the machine has no descriptor, process or memory left for it; nothing of it is left then. */
  constructor(options: ExecutorProcessOptions, listener: ExecutorListener) {
    const { executorId, slot, memory, blockDirectory, workingDirectory } = options;
    this.executorId = executorId;
    this.slot = slot;
    this.startedAt = options.now;
    this.pulse = new Pulse(options.now);
    this.#taskFilePath = join(blockDirectory, taskFileName(executorId));
    needDescriptors();
    this.#taskFile = new TaskFileOwner(this.#taskFilePath);
    try {
      this.#child = forked(options.entry, {
        cwd: workingDirectory,
        env: executorEnvironment(process.env),
        execArgv: executorFlags(memory),
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
    } catch (error) {
      this.#removeTaskFile();
      throw error;
    }
    this.#listen(listener);
    this.send({
      type: 'init',
      config: {
        executorId,
        slot,
        blockDirectory,
        memory: accountedMemory(memory),
        workingDirectory,
        taskFile: this.#taskFilePath,
      },
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The task it is at, or comes to next; undefined when it has begun and ended all that it has. */
  get headTaskId(): number | undefined {
    return headTask(this.#taskFile, this.tasks);
  }

  #listen(listener: ExecutorListener): void {
    const child = this.#child;
    child.stdout!.setEncoding('utf8').on('data', (text: string) => listener.output(this, 'stdout', text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
      listener.output(this, 'stderr', text);
    });
    child.on('message', (received) => {
      this.pulse.heard();
      unpackMessages(received as Packed[], (message) => listener.message(this, message));
    });
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (this.mode === 'ended') return;
      this.mode = 'ended';
      listener.exited(this, { code, signal, stderr: this.#stderr });
      this.#removeTaskFile();
    };
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      this.#stderr = String(error);
      end(null, null);
    });
    child.once('exit', (code, signal) => {
      const late = setTimeout(() => end(code, signal), DRAIN_MS);
      let open = child.connected ? 2 : 1;
      const closed = (): void => {
        if (--open > 0) return;
        clearTimeout(late);
        end(code, signal);
      };
      child.once('close', closed);
      if (child.connected) child.once('disconnect', closed);
    });
  }

  #removeTaskFile(): void {
    this.#taskFile.close();
    rmSync(this.#taskFilePath, { force: true });
  }

  /** Throws when the message cannot be cloned. */
  send(message: ToExecutor): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** For a task in a synchronous loop, which hears no messages. */
  writeCancel(taskId: number): void {
    if (this.mode !== 'ended') this.#taskFile.cancel(taskId);
  }

  /** Of the tasks sent those that it will not begin any more, which are gone from here then. */
  takeBack(): TakenBack | undefined {
    if (this.mode !== 'ready') return undefined;
    const back = takeBack(this.#taskFile, this.tasks);
    for (const taskId of back?.taken ?? []) {
      this.tasks.delete(taskId);
      this.killing.delete(taskId);
    }
    return back;
  }

  get isKilled(): boolean {
    return this.killed !== undefined && this.killed.kind !== 'shutdown';
  }

  kill(kind: 'killed' | 'hung' | 'shutdown', reason: string): void {
    this.killed ??= { kind, reason };
    this.#child.kill('SIGKILL');
  }
}

/** Without descriptors for its pipes a process comes back that has none, and its error later. */
function forked(entry: string, options: ForkOptions): ChildProcess {
  const child = fork(entry, [], options);
  if (child.stdout && child.stderr) return child;
  child.on('error', () => {});
  throw new Error('no descriptors are left for the pipes of a process (EMFILE)');
}
