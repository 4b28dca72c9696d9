/** What the page knows of one open notebook, as its parts read it. */
import type { ErrorData } from '../../engine/protocol.ts';
import { MAX_CELL_CHARACTERS } from '../../engine/viewer-protocol.ts';
import type { Draft } from './drafts.ts';
import type { PublishedView } from './published-view.ts';

/** A sentence without its full stop, and what to do next. */
export interface Notice {
  message: string;
  hint: string;
}

export interface SessionState {
  phase: 'loading' | 'ready' | 'failed';
  connected: boolean;
  /** The server has told everything since the connection is there. */
  joined: boolean;
  /** Why the notebook cannot be joined; what is shown meanwhile is what was known before, if anything was. */
  error?: ErrorData;
  /** The server does not know this browser any more. */
  refused: boolean;
  view?: PublishedView;
  drafts: ReadonlyMap<string, Draft>;
  /** The browser's storage refused the drafts: a reload would lose them. */
  unkept: boolean;
  /** The document was changed by us and no save has been reported since. */
  unsaved: boolean;
  /** The last command that failed; shown until dismissed or until one succeeds. */
  commandError?: ErrorData;
  /** What a command did not do, or did besides; shown for a while. */
  notice?: Notice;
}

/** More than a cell may have: it is kept in this browser, and goes nowhere until it is shorter. */
export const isTooLarge = ({ source }: Draft) => source.length > MAX_CELL_CHARACTERS;

/**
 * Something is on its way to the file. Text of a cell that is gone, that cannot be merged, or that is too large goes
 * nowhere by itself.
 */
export function isSaving({ drafts, unsaved, view }: SessionState): boolean {
  const isOnItsWay = ([cellId, draft]: [string, Draft]) =>
    !draft.conflict && !isTooLarge(draft) && view?.cells.has(cellId);
  return unsaved || [...drafts].some(isOnItsWay);
}
