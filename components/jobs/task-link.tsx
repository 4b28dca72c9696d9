'use client';
/** The task that an error names, with the way to its row in the panel while its stage is held. */
import type { ErrorData } from '../../engine/protocol.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { usePanelStore } from './panel-store.ts';

export function TaskLink({ task }: { task: NonNullable<ErrorData['task']> }) {
  const actions = useActions();
  const store = usePanelStore();
  const { stageId, partition, attempt, executorId } = task;
  const stage = useSessionState(({ view }) => {
    let last = view?.stages.get(`${stageId}.0`);
    for (let n = 1; last; n += 1) {
      const next = view?.stages.get(`${stageId}.${n}`);
      if (!next) return last;
      last = next;
    }
    return undefined;
  });
  const text = `stage ${stageId}, partition ${partition}, attempt ${attempt}${executorId ? `, executor ${executorId}` : ''}`;
  const jobId = stage?.jobIds.at(-1);
  if (!stage || jobId === undefined) return text;
  return (
    <button
      type="button"
      className="text-left text-accent underline underline-offset-2"
      onClick={() => {
        actions.selectJob(jobId, stage.key);
        store.setState({ task: { stageKey: stage.key, partition, attempt } });
      }}
    >
      {text}
    </button>
  );
}
