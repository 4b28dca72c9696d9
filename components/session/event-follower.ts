/**
 * Follows one notebook's event stream: joins, folds batches in order, notices gaps and a new boot.
 * It holds the fold's own mutable state; `published-view.ts` makes of it what React may see.
 */
import { createViewState, fold, foldBatch } from '../../engine/fold/fold.ts';
import { fromSnapshot } from '../../engine/fold/snapshot.ts';
import type { ViewState } from '../../engine/fold/state.ts';
import type { EventBatch, JoinReply } from '../../engine/viewer-protocol.ts';
import { keepOutputs } from './kept-outputs.ts';

export type BatchOutcome = 'applied' | 'ignored' | 'rejoin';

export class EventFollower {
  #view: ViewState | undefined;
  /** Batches that arrive while a join is under way wait for its reply. */
  #waiting: EventBatch[] | undefined;

  get view(): ViewState | undefined {
    return this.#view;
  }

  /** What to ask for: the delta after what is held, or everything. */
  beginJoin(): { boot?: string; seq?: number } {
    this.#waiting = [];
    return this.#view ? { boot: this.#view.boot, seq: this.#view.seq } : {};
  }

  /** Takes the reply to a join and then what arrived meanwhile. */
  acceptJoin(reply: Extract<JoinReply, { ok: true }>): BatchOutcome {
    if ('snapshot' in reply) {
      const shown = this.#view;
      this.#view = fromSnapshot(reply.snapshot);
      if (shown && shown.boot !== reply.boot) keepOutputs(shown, this.#view);
    } else {
      if (this.#view?.boot !== reply.boot) this.#view = createViewState(reply.boot);
      for (const { event } of reply.events) fold(this.#view, event);
    }
    this.#view.boot = reply.boot;
    this.#view.seq = reply.seq;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const batch of waiting) if (this.push(batch) === 'rejoin') return 'rejoin';
    return 'applied';
  }

  /** The join was not answered: what is held stays good up to its sequence number. */
  abandonJoin(): void {
    this.#waiting = undefined;
  }

  push(batch: EventBatch): BatchOutcome {
    if (this.#waiting) {
      this.#waiting.push(batch);
      return 'ignored';
    }
    if (!this.#view) return 'rejoin';
    const outcome = foldBatch(this.#view, batch);
    if (outcome === 'gap') return 'rejoin';
    return outcome === 'applied' ? 'applied' : 'ignored';
  }
}
