'use client';
/** What is otherwise with a stage than its plan says: its pool, a barrier, adaptive execution, second copies. */
import { stageNotes } from '../../engine/fold/scheduling-words.ts';
import type { StageView } from '../../engine/fold/state.ts';

export function StageNotes({ stage }: { stage: StageView }) {
  // Which executors are excluded stands with the executors, and on their lanes.
  const notes = stageNotes(stage).filter(({ word }) => word !== 'excluded');
  if (notes.length === 0 || stage.status === 'skipped') return null;
  return (
    <ul aria-label="How it ran" className="text-ink-2 text-xs">
      {notes.map(({ word, text }) => (
        <li key={`${word} ${text}`} className="[overflow-wrap:anywhere]">
          <span className="font-semibold">{word}</span>: {text}
        </li>
      ))}
    </ul>
  );
}
