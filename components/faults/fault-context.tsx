'use client';
/**
 * Whether things can be broken from here: only below a `FaultMenuProvider`, which pages that only look (a history, a
 * reader without the right to command) leave out, and only while a kernel lives.
 */
import { createContext, type ReactNode, useCallback, useContext, useEffect } from 'react';
import { useStore } from 'zustand';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { FaultForm } from './fault-form.tsx';
import { FaultMenu } from './fault-menu.tsx';
import { type FaultState, faultStoreOf, type MenuPlace } from './fault-store.ts';
import type { FaultTarget } from './fault-target.ts';

const Offered = createContext(false);

export function FaultMenuProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const alive = useSessionState(({ view }) => isAlive(view?.kernel.status));
  // What was asked of one kernel is not meant for the next, whose stages have the same numbers.
  useEffect(() => {
    if (!alive) return;
    return () => faultStoreOf(session).setState({ menu: undefined, form: undefined });
  }, [session, alive]);
  return (
    <Offered.Provider value={true}>
      {children}
      <FaultMenu />
      <FaultForm />
    </Offered.Provider>
  );
}

export type OpenFaultMenu = (target: FaultTarget, place: MenuPlace) => void;

/** Opens the menu of a place; undefined where, or while, nothing can be broken. */
export function useFaultMenu(): OpenFaultMenu | undefined {
  const offered = useContext(Offered);
  const session = useSession();
  const alive = useSessionState(({ view }) => isAlive(view?.kernel.status));
  const open = useCallback<OpenFaultMenu>(
    (target, place) => faultStoreOf(session).setState({ menu: { target, place } }),
    [session],
  );
  return offered && alive ? open : undefined;
}

const isAlive = (status: string | undefined) =>
  status !== undefined && status !== 'none' && status !== 'dead' && status !== 'starting';

export function useFaults<T>(select: (state: FaultState) => T): T {
  return useStore(faultStoreOf(useSession()), select);
}

/** For a key press, where there is no pointer: below the left edge of what has the focus. */
export function placeOf(element: HTMLElement | SVGElement): MenuPlace {
  const { left, top, height } = element.getBoundingClientRect();
  return { x: left + 8, y: top + Math.min(height, 40), from: element };
}

/** The key of the context menu, or the keys that stand for it. */
export function isMenuKey(event: { key: string; shiftKey: boolean }): boolean {
  return event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);
}
