/** The entry of a kernel process: a child of the server or of the command line, talking over Node's IPC. */
import { Control } from './control.ts';
import type { FromKernel, ToKernel } from './messages.ts';

/** Shorter than the host's deadline: a kernel that cannot end in order still ends by itself. */
const EXIT_DEADLINE_MS = 9_000;

let control: Control | undefined;

const send = (message: FromKernel) => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};

/** Leaves once what was sent has been handed over. */
function exit(code: number): void {
  process.exitCode = code;
  if (process.connected) process.send?.({ type: 'bye' }, undefined, undefined, () => process.exit(code));
  else process.exit(code);
}

function stop(): void {
  setTimeout(() => process.exit(1), EXIT_DEADLINE_MS).unref();
  if (control) void control.stop(0);
  else process.exit(0);
}

process.on('message', (message: ToKernel) => {
  if (message.type === 'start') control = new Control(message.config, { send, exit });
  else if (message.type === 'shutdown') stop();
  else control?.receive(message);
});
process.on('disconnect', stop);
process.on('SIGTERM', stop);
