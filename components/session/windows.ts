/** The windows of this browser that are open: each holds a lock of its own as long as it lives. */

export interface Windows {
  readonly ownId: string;
  /** The ids of the others. */
  alive(): Promise<ReadonlySet<string>>;
}

const LOCK = 'stagelight:window:';

const newId = () => Math.random().toString(36).slice(2);

/** No other window is known. */
export const alone = (): Windows => ({ ownId: newId(), alive: async () => new Set() });

/** Without locks (a page that is neither local nor secure) others are not known, as if they were closed. */
export function browserWindows(): Windows {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  const ownId = newId();
  // Never released: it goes with the page.
  locks?.request(LOCK + ownId, () => new Promise(() => {})).catch(() => {});
  return {
    ownId,
    async alive() {
      try {
        const { held = [] } = (await locks?.query()) ?? {};
        const names = held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : []));
        return new Set(names.filter((id) => id !== ownId));
      } catch {
        return new Set();
      }
    },
  };
}
