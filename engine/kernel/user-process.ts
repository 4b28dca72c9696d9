/** `process` and `console` as user code sees them: output goes to the ring, and nothing in it ends the kernel. */
import { Writable } from 'node:stream';
import { StagelightError } from '../errors.ts';
import type { StreamName } from './output-ring.ts';

/** Written synchronously, so that lines are seen while synchronous code runs, and none is lost when it is ended. */
class RingStream extends Writable {
  readonly #sink: (text: string) => void;
  readonly fd: number;
  readonly isTTY = false;

  constructor(fd: number, sink: (text: string) => void) {
    super({ decodeStrings: false });
    this.fd = fd;
    this.#sink = sink;
  }

  override write(
    chunk: unknown,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ): boolean {
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof chunk === 'string') this.#sink(chunk);
    else this.#sink(Buffer.from(chunk as Uint8Array).toString('utf8'));
    if (done) queueMicrotask(done);
    return true;
  }
}

function refuse(name: string, hint: string) {
  return (): never => {
    throw new StagelightError('PROCESS_EXIT', `${name} would end the kernel and lose its variables`, {
      hint,
    });
  };
}

export function installUserProcess(write: (stream: StreamName, text: string) => void): void {
  const stream = (name: StreamName, fd: number) => ({
    configurable: true,
    enumerable: true,
    value: new RingStream(fd, (text) => write(name, text)),
  });
  const hint = 'Throw an error to end the cell, or use "Restart kernel" to end them all.';
  Object.defineProperties(process, {
    stdout: stream('stdout', 1),
    stderr: stream('stderr', 2),
    exit: { value: refuse('process.exit', hint) },
    reallyExit: { value: refuse('process.reallyExit', hint) },
    abort: { value: refuse('process.abort', hint) },
  });
}
