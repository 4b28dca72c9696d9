/** The heap of the server, whoever starts it. */

/** As in `scripts/launch.mjs`, which says why, and which the published package does not have. */
export const SERVER_FLAGS: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--initial-old-space-size=128',
  '--min-semi-space-size=32',
];

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
