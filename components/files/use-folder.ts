'use client';
/** The listing of a folder, or of a search: read again whenever anyone changed files, or the window comes back. */
import { useCallback, useEffect, useState } from 'react';
import type { ListingReply } from '../../engine/files-protocol.ts';
import type { ErrorData } from '../../engine/protocol.ts';
import { useConnected, useSocket } from '../session/socket-context.tsx';

const SEARCH_DELAY = 150;

export interface FolderState {
  listing?: ListingReply;
  error?: ErrorData;
  refresh: () => void;
}

export function useFolder(folder: string, search: string): FolderState {
  const socket = useSocket();
  const connected = useConnected();
  const [state, setState] = useState<Omit<FolderState, 'refresh'>>({});
  const [asked, setAsked] = useState(0);
  const refresh = useCallback(() => setAsked((count) => count + 1), []);

  useEffect(() => {
    if (!connected) return;
    let current = true;
    const read = async () => {
      const reply = search
        ? await socket.call<ListingReply>('files:search', { text: search })
        : await socket.call<ListingReply>('files:list', { folder });
      if (current) setState(reply.ok ? { listing: reply } : { error: reply.error });
    };
    const timer = setTimeout(() => void read(), search && asked === 0 ? SEARCH_DELAY : 0);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [socket, connected, folder, search, asked]);

  useEffect(() => {
    const off = socket.onFilesChanged(refresh);
    const seen = () => document.visibilityState === 'visible' && refresh();
    document.addEventListener('visibilitychange', seen);
    return () => {
      off();
      document.removeEventListener('visibilitychange', seen);
    };
  }, [socket, refresh]);

  return { ...state, refresh };
}
