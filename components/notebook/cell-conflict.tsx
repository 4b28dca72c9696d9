'use client';
/** Both sides changed a cell: the user chooses, and sees the other text first. */
import { useSession } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';

export function CellConflict({ cellId, name, theirs }: { cellId: string; name: string; theirs: string }) {
  const session = useSession();
  return (
    <div role="alert" className="mt-1 rounded-lg border border-run bg-run-soft px-3 py-2">
      <p>
        <strong className="font-semibold">
          {name[0]?.toUpperCase() + name.slice(1)} was also changed elsewhere.
        </strong>{' '}
        Your text is shown above and kept; it is not saved yet.
      </p>
      <details className="my-1" open>
        <summary className="text-ink-2">The other text</summary>
        <pre className="mt-1 max-h-60 overflow-auto rounded-md bg-surface p-2 text-xs leading-5">
          {theirs}
        </pre>
      </details>
      <div className="flex gap-2">
        <Button onClick={() => session.resolveConflict(cellId, 'mine')}>Keep mine</Button>
        <Button
          title="Undo in the cell brings your text back"
          onClick={() => session.resolveConflict(cellId, 'theirs')}
        >
          Take the other
        </Button>
      </div>
    </div>
  );
}
