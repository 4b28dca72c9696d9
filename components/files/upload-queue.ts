/** Files on their way to the server, two at a time, with their progress; a name already taken waits for a choice. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { UploadReply } from '../../engine/files-protocol.ts';
import type { ErrorData } from '../../engine/protocol.ts';

export type UploadChoice = 'refuse' | 'keepBoth' | 'replace';

export interface UploadItem {
  id: number;
  name: string;
  size: number;
  state: 'waiting' | 'sending' | 'done' | 'taken' | 'failed';
  sent: number;
  /** Where it lies now. */
  path?: string;
  notes?: string[];
  error?: ErrorData;
}

/** Sends one file; `abort` ends it. */
export type SendFile = (
  file: Blob,
  url: string,
  onProgress: (sent: number) => void,
) => { reply: Promise<UploadReply>; abort: () => void };

const AT_ONCE = 2;

function lost(): ErrorData {
  return {
    code: 'UPLOAD_FAILED',
    name: 'UploadError',
    message: 'The upload ended before the file was whole',
    hint: 'See that the server runs and the file may be read, then upload it again.',
  };
}

export class UploadQueue {
  readonly store: StoreApi<{ items: readonly UploadItem[] }> = createStore(() => ({ items: [] }));
  readonly #send: SendFile;
  readonly #files = new Map<
    number,
    { file: File; folder: string; choice: UploadChoice; abort?: () => void }
  >();
  #ids = 0;

  constructor(send: SendFile) {
    this.#send = send;
  }

  add(files: readonly File[], folder: string): void {
    const items = files.map((file): UploadItem => {
      const id = ++this.#ids;
      this.#files.set(id, { file, folder, choice: 'refuse' });
      return { id, name: file.name, size: file.size, state: 'waiting', sent: 0 };
    });
    this.store.setState({ items: [...this.store.getState().items, ...items] });
    this.#next();
  }

  /** What to do with a file whose name is taken. */
  choose(id: number, choice: 'keepBoth' | 'replace'): void {
    const held = this.#files.get(id);
    if (!held) return;
    held.choice = choice;
    this.#change(id, { state: 'waiting', sent: 0 });
    this.#next();
  }

  /** Takes an item off the list; ends it when it is on its way. */
  dismiss(id: number): void {
    this.#files.get(id)?.abort?.();
    this.#files.delete(id);
    this.store.setState({ items: this.store.getState().items.filter((item) => item.id !== id) });
    this.#next();
  }

  #change(id: number, change: Partial<UploadItem>): void {
    const items = this.store.getState().items.map((item) => (item.id === id ? { ...item, ...change } : item));
    this.store.setState({ items });
  }

  #next(): void {
    const { items } = this.store.getState();
    const free = AT_ONCE - items.filter(({ state }) => state === 'sending').length;
    for (const { id } of items.filter(({ state }) => state === 'waiting').slice(0, Math.max(0, free)))
      void this.#start(id);
  }

  async #start(id: number): Promise<void> {
    const held = this.#files.get(id)!;
    const { file, folder, choice } = held;
    this.#change(id, { state: 'sending' });
    const query = new URLSearchParams({ folder, name: file.name, taken: choice });
    const { reply, abort } = this.#send(file, `/upload?${query}`, (sent) => this.#change(id, { sent }));
    held.abort = abort;
    const answer = await reply.catch((): UploadReply => ({ ok: false, error: lost() }));
    if (answer.ok) {
      const notes = answer.converted ? { notes: answer.converted } : {};
      this.#change(id, { state: 'done', sent: file.size, path: answer.path, ...notes });
      this.#files.delete(id);
    } else {
      const state = answer.error.code === 'FILE_EXISTS' ? 'taken' : 'failed';
      this.#change(id, { state, error: answer.error });
    }
    this.#next();
  }
}

/** A request of the browser, which alone tells how far an upload is. */
export const sendByRequest: SendFile = (file, url, onProgress) => {
  const request = new XMLHttpRequest();
  const reply = new Promise<UploadReply>((resolve, reject) => {
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    request.addEventListener('load', () => {
      try {
        resolve(JSON.parse(request.responseText) as UploadReply);
      } catch (error) {
        reject(error);
      }
    });
    for (const end of ['error', 'abort', 'timeout'])
      request.addEventListener(end, () => reject(new Error(end)));
    request.open('POST', url);
    request.send(file);
  });
  return { reply, abort: () => request.abort() };
};
