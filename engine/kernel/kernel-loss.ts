/** Why a kernel ended, as an error with a next step. */
import { StagelightError } from '../errors.ts';
import type { ErrorData } from '../protocol.ts';
import type { KernelConfig } from './messages.ts';

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
