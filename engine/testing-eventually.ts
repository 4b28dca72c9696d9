/** For tests: what comes about by itself, however long it takes on a busy machine. */
import { vi } from 'vitest';

/** Resolves with what `check` returns once it does not throw; a minute of throwing is a failure. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 60_000 });
}
