'use client';
/** Workers that come up although the server, which has their scripts, is gone for a while. */
import { Attempts } from '../session/attempts.ts';

/** What a worker's entry posts first, once it and everything it imports and needs is loaded. */
export const WORKER_LOADED = 'worker loaded';
/** What it posts instead when it could not get something it needs: another is made, as for a script that is not there. */
export const WORKER_LACKS = 'worker lacks';

/**
 * A worker whose entry has loaded (and said so with {@link WORKER_LOADED}, which nobody else hears). One whose
 * script, or what that needs, cannot be fetched is made anew, ever later, until the server is back; `failed` hears how
 * often it has failed.
 */
export function loadedWorker(
  make: () => Worker,
  failed: (times: number) => void = () => {},
): Promise<Worker> {
  let times = 0;
  return new Promise((resolve) => {
    new Attempts(
      async () => {
        const worker = make();
        if (await loads(worker)) return resolve(worker);
        worker.terminate();
        throw new Error('the worker did not load');
      },
      () => failed(++times),
    );
  });
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
