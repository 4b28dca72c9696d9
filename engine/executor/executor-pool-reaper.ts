/**
 * Who kills the executors left behind when this process is killed. They exit when their channels close, but one in an endless
 * synchronous loop never hears of that.
 */
import type { Writable } from 'node:stream';
import { startReaper } from '../rdd/reaper.ts';
import { executorEnvironment } from './executor-pool-environment.ts';
import { needDescriptors } from './free-descriptors.ts';

export class Reaper {
  readonly #pids = new Set<number>();
  /** Where it reads; undefined while there is none. */
  #input: Writable | undefined;

  constructor() {
    this.#start();
  }

  /** Where descriptors or processes are short it is tried again with the next executor. */
  #start(): void {
    this.#input = started();
    for (const pid of this.#pids) this.#tell('+', pid);
  }

  #tell(op: '+' | '-', pid: number): void {
    this.#input?.write(`${op} ${pid}\n`);
  }

  add(pid: number): void {
    if (!this.#input) this.#start();
    this.#pids.add(pid);
    this.#tell('+', pid);
  }

  remove(pid: number): void {
    this.#pids.delete(pid);
    this.#tell('-', pid);
  }

  close(): void {
    this.#input?.end();
  }
}

function started(): Writable | undefined {
  try {
    needDescriptors();
    return startReaper({
      kills: 'processes',
      seconds: 1,
      env: executorEnvironment({ PATH: process.env['PATH'] }),
    });
  } catch {
    return undefined;
  }
}
