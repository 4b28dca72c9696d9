'use client';
/** The open menu of faults, the form it led to, and what was last refused; one for each open notebook. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { FaultCommand } from '../../engine/fault-protocol.ts';
import type { ErrorData } from '../../engine/protocol.ts';
import type { NotebookSession } from '../session/notebook-session.ts';
import type { FaultForm, FaultTarget } from './fault-target.ts';

/** Where a menu stands, in the window, and what gets the focus back. */
export interface MenuPlace {
  x: number;
  y: number;
  from: HTMLElement | SVGElement | null;
}

export interface FaultState {
  menu?: { target: FaultTarget; place: MenuPlace } | undefined;
  form?: { form: FaultForm; from: MenuPlace['from'] } | undefined;
  refused?: ErrorData | undefined;
  /** The latest fault that the user has read and put away. */
  seen?: number;
}

const stores = new WeakMap<NotebookSession, StoreApi<FaultState>>();

export function faultStoreOf(session: NotebookSession): StoreApi<FaultState> {
  let store = stores.get(session);
  if (!store) {
    store = createStore<FaultState>(() => ({}));
    stores.set(session, store);
  }
  return store;
}

/** Sends it; a refusal is shown where the faults are, and returned. */
export async function sendFault(
  session: NotebookSession,
  command: FaultCommand,
): Promise<ErrorData | undefined> {
  const store = faultStoreOf(session);
  store.setState({ refused: undefined });
  const reply = await session.command(command);
  if (reply.ok) return undefined;
  store.setState({ refused: reply.error });
  return reply.error;
}
