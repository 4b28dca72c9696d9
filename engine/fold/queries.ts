/** Answers a viewer's question about tasks from the full fold, reduced to what is shown. */
import type { FoldQuery, ViewAnswer } from '../viewer-protocol.ts';
import { stageExecutors } from './executor-table.ts';
import { stageSummary } from './quantiles.ts';
import type { ViewState } from './state.ts';
import { stageTasks } from './task-table.ts';
import { timeline } from './timeline.ts';
import { stageKey } from './view-state.ts';

/** `now` is where running tasks end. A stage that is not held is answered as empty. */
export function answerQuery(state: ViewState, query: FoldQuery, now: number): ViewAnswer {
  switch (query.type) {
    case 'stageTasks': {
      const stage = state.stages.get(stageKey(query.stageId, query.attempt));
      return stageTasks(stage, query, now);
    }
    case 'stageExecutors':
      return stageExecutors(state.stages.get(stageKey(query.stageId, query.attempt))?.tasks);
    case 'stageSummary':
      return stageSummary(state.stages.get(stageKey(query.stageId, query.attempt))?.tasks);
    case 'timeline':
      return timeline(state, query, now);
    default:
      query satisfies never;
      throw new TypeError(`unknown query ${JSON.stringify((query as { type: unknown }).type)}`);
  }
}
