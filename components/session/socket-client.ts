/** The browser's one connection to the server: calls answered by an acknowledgement, and pushed event batches. */
import { io, type Socket } from 'socket.io-client';
import type { ErrorData } from '../../engine/protocol.ts';
import type { EventBatch } from '../../engine/viewer-protocol.ts';
import type { PresenceMessage } from '../presence/presence.ts';
import { type MessagePart, MessageParts } from './message-parts.ts';

export type PushedBatch = EventBatch & { path: string };
/** `sent`: the call went out, so it may have been done although no answer came. */
export type Failure = { ok: false; error: ErrorData; sent?: true };

const CALL_TIMEOUT = 15_000;
/** A server that does not answer a page's request for so long does not answer at all. */
const SIGN_OF_LIFE = 5_000;

export function unreachable(): Failure {
  return {
    ok: false,
    error: {
      code: 'UNREACHABLE',
      name: 'ConnectionError',
      message: 'The server did not answer',
      hint: 'See that it still runs in its terminal; this page reconnects by itself.',
    },
  };
}

/** A socket's handshake does not say why it failed; a page does: 401 when the cookie is of another server. */
async function isRefused(): Promise<boolean> {
  try {
    const { status } = await fetch('/favicon.ico', { method: 'HEAD', cache: 'no-store' });
    return status === 401;
  } catch {
    return false;
  }
}

/** Whether the server answers anything, be it that it does not know the page. */
async function isAlive(): Promise<boolean> {
  try {
    await fetch('/favicon.ico', {
      method: 'HEAD',
      cache: 'no-store',
      signal: AbortSignal.timeout(SIGN_OF_LIFE),
    });
    return true;
  } catch {
    return false;
  }
}

/** What a session needs of a connection; a test gives it a fake. */
export interface SessionConnection {
  readonly connected: boolean;
  call<Reply extends { ok: boolean }>(event: string, payload: object): Promise<Reply | Failure>;
  /** `refused`: the server answers, but does not know this browser. */
  onConnection(listener: (connected: boolean, refused?: boolean) => void): () => void;
  onBatch(listener: (batch: PushedBatch) => void): () => void;
  /** The server stopped sending because we read too slowly: a join brings what was missed. */
  onBehind(listener: (path: string) => void): () => void;
}

export class SocketClient implements SessionConnection {
  readonly #socket: Socket;
  readonly #parts = new MessageParts();
  readonly #batchListeners = new Set<(batch: PushedBatch) => void>();

  constructor() {
    this.#socket = io({
      path: '/socket.io',
      transports: ['websocket'],
      autoConnect: false,
      reconnectionDelay: 250,
      reconnectionDelayMax: 3000,
    });
    this.#socket.on('message:part', (part: MessagePart) => this.#parts.add(part));
    this.#socket.on('events', ({ path, ...batch }: { path: string; inParts?: string }) => {
      const whole = this.#parts.whole(batch) as EventBatch;
      for (const listener of this.#batchListeners) listener({ path, ...whole });
    });
    // A refused handshake (a server restarted under another cookie) is not retried by socket.io itself.
    this.#socket.on('disconnect', (reason) => {
      this.#parts.clear();
      if (reason === 'io server disconnect') this.#socket.connect();
    });
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  open(): void {
    this.#socket.connect();
  }

  close(): void {
    this.#socket.disconnect();
  }

  async call<Reply extends { ok: boolean }>(event: string, payload: object): Promise<Reply | Failure> {
    if (!this.#socket.connected) return unreachable();
    try {
      const reply = await this.#socket.timeout(CALL_TIMEOUT).emitWithAck(event, payload);
      return this.#parts.whole(reply) as Reply | Failure;
    } catch {
      void this.#leaveIfDead();
      return { ...unreachable(), sent: true };
    }
  }

  /** A stopped server keeps its connections: socket.io would notice only when its pings have been missing for a minute. */
  async #leaveIfDead(): Promise<void> {
    const { id, connected } = this.#socket;
    if (!connected || (await isAlive())) return;
    if (this.#socket.id === id) this.#socket.io.engine.close();
  }

  onConnection(listener: (connected: boolean, refused?: boolean) => void): () => void {
    const up = () => listener(true);
    const down = () => listener(false);
    const failed = () => {
      listener(false);
      void isRefused().then((refused) => {
        if (refused && !this.#socket.connected) listener(false, true);
      });
    };
    this.#socket.on('connect', up);
    this.#socket.on('disconnect', down);
    this.#socket.on('connect_error', failed);
    return () => {
      this.#socket.off('connect', up);
      this.#socket.off('disconnect', down);
      this.#socket.off('connect_error', failed);
    };
  }

  onBatch(listener: (batch: PushedBatch) => void): () => void {
    this.#batchListeners.add(listener);
    return () => {
      this.#batchListeners.delete(listener);
    };
  }

  onPresence(listener: (message: PresenceMessage) => void): () => void {
    this.#socket.on('presence', listener);
    return () => {
      this.#socket.off('presence', listener);
    };
  }

  /** A notebook that we may have open lies elsewhere now; in the bin when `to` is absent. */
  onMoved(listener: (move: { from: string; to?: string }) => void): () => void {
    this.#socket.on('notebook:moved', listener);
    return () => {
      this.#socket.off('notebook:moved', listener);
    };
  }

  /** Files or folders were made, moved or deleted by anyone. */
  onFilesChanged(listener: () => void): () => void {
    this.#socket.on('files:changed', listener);
    return () => {
      this.#socket.off('files:changed', listener);
    };
  }

  onBehind(listener: (path: string) => void): () => void {
    const behind = (message: { path: string }) => listener(message.path);
    this.#socket.on('notebook:behind', behind);
    return () => {
      this.#socket.off('notebook:behind', behind);
    };
  }
}
