'use client';
/** The presence of the open notebook for the components below: joined and left with its session. */
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useUi } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { useSocket } from '../session/socket-context.tsx';
import { PresenceChannel, type PresenceState } from './presence.ts';

const PresenceContext = createContext<PresenceChannel | undefined>(undefined);

function ownStorage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

export function PresenceProvider({ path, children }: { path: string; children: ReactNode }) {
  const socket = useSocket();
  const [channel] = useState(() => new PresenceChannel(path, socket, ownStorage()));
  const joined = useSessionState((state) => state.joined);
  const cellId = useUi((ui) => ui.selectedCellId);
  useEffect(() => {
    channel.start();
    return () => channel.stop();
  }, [channel]);
  useEffect(() => (joined ? channel.joined() : channel.disconnected()), [channel, joined]);
  useEffect(() => {
    if (cellId !== undefined) channel.at({ cellId });
  }, [channel, cellId]);
  return <PresenceContext.Provider value={channel}>{children}</PresenceContext.Provider>;
}

export function usePresence(): PresenceChannel {
  const channel = useContext(PresenceContext);
  if (!channel) throw new Error('usePresence needs a PresenceProvider above it');
  return channel;
}

export function usePresenceState<T>(select: (state: PresenceState) => T): T {
  return useStore(usePresence().store, select);
}
