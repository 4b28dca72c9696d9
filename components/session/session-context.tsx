'use client';
/** The open notebook's session for the components below, and the hooks that read it. */
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { CellView } from '../../engine/fold/state.ts';
import { pageClock } from '../ui/page-clock.ts';
import { NotebookSession } from './notebook-session.ts';
import { browserTimers } from './pace.ts';
import type { SessionState } from './session-state.ts';
import { useSocket } from './socket-context.tsx';
import { browserWindows } from './windows.ts';

const SessionContext = createContext<NotebookSession | undefined>(undefined);

function localDrafts(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

export function SessionProvider({ path, children }: { path: string; children: ReactNode }) {
  const socket = useSocket();
  const [session] = useState(
    () => new NotebookSession(path, socket, localDrafts(), browserTimers, browserWindows()),
  );
  useEffect(() => {
    // What counts time moves in the frame that shows what happened.
    const stopTicks = session.store.subscribe(() => pageClock.tick());
    session.start();
    return () => {
      stopTicks();
      session.stop();
    };
  }, [session]);
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

export function useSession(): NotebookSession {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession needs a SessionProvider above it');
  return session;
}

export function useSessionState<T>(select: (state: SessionState) => T): T {
  return useStore(useSession().store, select);
}

export function useCell(cellId: string): CellView | undefined {
  return useSessionState((state) => state.view?.cells.get(cellId));
}
