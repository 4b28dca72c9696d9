'use client';
/** Workers that come up although the server, which has their scripts, is gone for a while. */

/** What a worker's entry posts first, once it and everything it imports and needs is loaded. */
export const WORKER_LOADED = 'worker loaded';
/** What it posts instead when it could not get something it needs: another is made, as for a script that is not there. */
export const WORKER_LACKS = 'worker lacks';

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 20_000;

/**
 * A worker whose entry has loaded (and said so with {@link WORKER_LOADED}, which nobody else hears). One whose
 * script, or what that needs, cannot be fetched is made anew after a second, then after ever longer, at most 20 s: until the server is back.
 */
export async function loadedWorker(make: () => Worker): Promise<Worker> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    const worker = make();
    if (await loads(worker)) return worker;
    worker.terminate();
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function loads(worker: Worker): Promise<boolean> {
  const settled = new AbortController();
  const { signal } = settled;
  return new Promise<boolean>((resolve) => {
    const settle = (event: Event, loaded: boolean) => {
      // Neither is anybody else's: the message is ours, the error is mended by trying again.
      event.stopImmediatePropagation();
      event.preventDefault();
      resolve(loaded);
    };
    const hear = (event: MessageEvent) => {
      if (event.data === WORKER_LOADED || event.data === WORKER_LACKS)
        settle(event, event.data === WORKER_LOADED);
    };
    worker.addEventListener('message', hear, { signal });
    worker.addEventListener('error', (event) => settle(event, false), { signal });
  }).finally(() => settled.abort());
}
