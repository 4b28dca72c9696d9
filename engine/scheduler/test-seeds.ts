/**
 * Runs a random schedule for each of many fresh seeds, so that every test run looks at schedules nobody has looked at.
 * The seed of a failure is in its message; `SEED=<that seed>` runs it alone, again and again the same.
 */
export async function forEachSeed(
  count: number,
  run: (seed: number) => void | Promise<void>,
  first = Math.floor(Math.random() * 2 ** 31),
): Promise<void> {
  const only = process.env.SEED;
  const isReplay = only !== undefined && only !== 'random';
  const start = isReplay ? Number(only) : first;
  for (let seed = start; seed < start + (isReplay ? 1 : count); seed++) {
    // A test that is ended for its time would not say with which.
    const slow = setTimeout(() => console.error(`seed ${seed} has run for a minute`), 60_000);
    try {
      await run(seed);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`seed ${seed}: ${message}\nThe same schedule again: set SEED=${seed}`, { cause });
    } finally {
      clearTimeout(slow);
    }
  }
}
