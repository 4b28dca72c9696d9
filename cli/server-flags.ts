/** The heap of the server, whoever starts it. */
import flags from './server-flags.json' with { type: 'json' };

/**
 * A heap of so many MB before the first full collection, and a young generation of its full size at once: by themselves
 * both come with the first job that is shown, which then stands for 50 to 130 ms. As data, for launchers that read no
 * TypeScript.
 */
export const SERVER_FLAGS: readonly string[] = flags;

/**
 * Begins this process anew with these flags, which a heap takes when it is made: the same process, so that terminal,
 * signals and exit code are those of the command. Where a process cannot be replaced (Windows) it goes on as it is.
 */
export function takeServerFlags(): void {
  if (SERVER_FLAGS.every((flag) => process.execArgv.includes(flag))) return;
  // What was said on the command line comes later, and counts.
  const args = [...SERVER_FLAGS, ...process.execArgv, ...process.argv.slice(1)];
  try {
    process.execve?.(process.execPath, [process.execPath, ...args], process.env);
  } catch {
    // It is only slower at its first job.
  }
}
