'use client';
/** Gives every page below the layout the same connection. */
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { SocketClient } from './socket-client.ts';

const SocketContext = createContext<SocketClient | undefined>(undefined);

export function SocketProvider({ children }: { children: ReactNode }) {
  const [client] = useState(() => new SocketClient());
  useEffect(() => {
    client.open();
    return () => client.close();
  }, [client]);
  return <SocketContext.Provider value={client}>{children}</SocketContext.Provider>;
}

export function useSocket(): SocketClient {
  const client = useContext(SocketContext);
  if (!client) throw new Error('useSocket needs a SocketProvider above it');
  return client;
}

export function useConnected(): boolean {
  const client = useSocket();
  return useSyncExternalStore(
    (changed) => client.onConnection(changed),
    () => client.connected,
    () => false,
  );
}
