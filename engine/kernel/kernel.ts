/** The entry of a kernel process: a child of the server or of the command line, talking over Node's IPC. */
import { randomUUID } from 'node:crypto';
import { errorToData } from '../errors.ts';
import { Control } from './control.ts';
import type { FromKernel, KernelConfig, ToKernel } from './messages.ts';

/** Shorter than the host's deadline: a kernel that cannot end in order still ends by itself. */
const EXIT_DEADLINE_MS = 9_000;

type Message = Exclude<ToKernel, { type: 'start' }>;

let control: Control | undefined;
/** What came while the control was being made. */
let early: Message[] = [];

/** Messages not yet handed over to the host. */
let unsent = 0;
let exitCode: number | undefined;

function send(message: FromKernel): void {
  if (!process.connected || !process.send) return;
  unsent += 1;
  process.send(message, undefined, undefined, () => {
    unsent -= 1;
    leaveIfDone();
  });
}

/** Leaves once what was sent has been handed over. */
function exit(code: number): void {
  exitCode = code;
  leaveIfDone();
}

function leaveIfDone(): void {
  if (exitCode !== undefined && (unsent === 0 || !process.connected)) process.exit(exitCode);
}

function stop(): void {
  // An orderly exit would wait for the driver thread, which may be inside a blocking native call.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), EXIT_DEADLINE_MS);
  if (control) void control.stop(0);
  else process.exit(0);
}

async function start(config: KernelConfig): Promise<void> {
  const boot = randomUUID();
  try {
    const log =
      config.eventLog === undefined ? undefined : await openLog(config.eventLog, boot, config.eventLogMax);
    control = new Control(config, boot, { send, exit }, log);
  } catch (error) {
    send({ type: 'fatal', error: errorToData(error) });
    exit(1);
    return;
  }
  for (const message of early) control.receive(message);
  early = [];
}

async function openLog(path: string, boot: string, maxBytes: number | undefined) {
  const { EventLog } = await import('./event-log.ts');
  return new EventLog({
    path,
    boot,
    maxBytes,
    onError: (error) => process.stderr.write(`${error.message}\n`),
  });
}

process.on('message', (message: ToKernel) => {
  if (message.type === 'start') void start(message.config);
  else if (message.type === 'shutdown') stop();
  else if (control) control.receive(message);
  else early.push(message);
});
process.on('disconnect', stop);
process.on('SIGTERM', stop);
