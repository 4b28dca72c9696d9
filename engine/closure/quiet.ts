/** Features of Node this room builds on knowingly: their one-time "experimental" warning is not for the user to read. */

const quieted = new Set<string>();

/** Runs `body`, whose first run makes Node warn about `feature` before it returns, without that warning. */
export function quietly<T>(feature: string, body: () => T): T {
  if (quieted.has(feature)) return body();
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return body();
  } finally {
    process.emitWarning = emitWarning;
    quieted.add(feature);
  }
}
