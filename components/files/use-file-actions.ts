'use client';
/** Every change of files the page can ask for; resolves with the error, if any, and tells what was done in words. */
import { useMemo } from 'react';
import { type BinEntry, folderOf, joinPath, nameOf } from '../../engine/files-protocol.ts';
import type { ErrorData } from '../../engine/protocol.ts';
import type { Failure, SocketClient } from '../session/socket-client.ts';
import { useSocket } from '../session/socket-context.tsx';

export type Outcome =
  | { ok: true; said: string; path?: string; binId?: string }
  | { ok: false; error: ErrorData };

type Replied = { ok: true; path: string };

class FileActions {
  readonly #socket: SocketClient;

  constructor(socket: SocketClient) {
    this.#socket = socket;
  }

  createNotebook(folder: string, name: string): Promise<Outcome> {
    const call = this.#socket.call<Replied>('notebook:create', { name: joinPath(folder, name) });
    return outcome(call, ({ path }) => ({ said: `${nameOf(path)} was made`, path }));
  }

  createFolder(folder: string, name: string): Promise<Outcome> {
    const call = this.#socket.call<Replied>('files:createFolder', { folder, name });
    return outcome(call, ({ path }) => ({ said: `The folder ${nameOf(path)} was made`, path }));
  }

  rename(path: string, name: string): Promise<Outcome> {
    return this.#move(path, joinPath(folderOf(path), name), `Renamed to ${name}`);
  }

  moveTo(path: string, folder: string): Promise<Outcome> {
    return this.#move(path, joinPath(folder, nameOf(path)), `Moved to ${folder || 'the notebook folder'}`);
  }

  #move(from: string, to: string, said: string): Promise<Outcome> {
    return outcome(this.#socket.call<Replied>('files:move', { from, to }), ({ path }) => ({ said, path }));
  }

  duplicate(path: string): Promise<Outcome> {
    const call = this.#socket.call<Replied>('files:duplicate', { path });
    return outcome(call, (reply) => ({ said: `Copied to ${nameOf(reply.path)}`, path: reply.path }));
  }

  delete(path: string): Promise<Outcome> {
    const call = this.#socket.call<{ ok: true; entry: BinEntry }>('files:delete', { path });
    return outcome(call, ({ entry }) => ({ said: `${nameOf(path)} is in the bin`, binId: entry.id }));
  }

  restore(id: string): Promise<Outcome> {
    const call = this.#socket.call<Replied>('files:restore', { id });
    return outcome(call, ({ path }) => ({ said: `Restored as ${path}`, path }));
  }

  /** For good: one entry, or all. */
  emptyBin(id?: string): Promise<Outcome> {
    const call = this.#socket.call<{ ok: true }>('files:emptyBin', id === undefined ? { all: true } : { id });
    return outcome(call, () => ({ said: id === undefined ? 'The bin is empty' : 'Deleted for good' }));
  }
}

async function outcome<Reply extends { ok: true }>(
  call: Promise<Reply | Failure>,
  done: (reply: Reply) => { said: string; path?: string; binId?: string },
): Promise<Outcome> {
  const reply = await call;
  return reply.ok ? { ok: true, ...done(reply) } : { ok: false, error: reply.error };
}

export function useFileActions(): FileActions {
  const socket = useSocket();
  return useMemo(() => new FileActions(socket), [socket]);
}
