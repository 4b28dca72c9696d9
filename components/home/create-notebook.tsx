'use client';
/** The form that starts a new notebook. */
import { type FormEvent, useId, useState } from 'react';
import type { ErrorData } from '../../engine/protocol.ts';
import { Button } from '../ui/button.tsx';

export interface CreateNotebookProps {
  /** Resolves with an error, or leaves the page. */
  create: (name: string) => Promise<ErrorData | undefined>;
  disabled: boolean;
}

export function CreateNotebook({ create, disabled }: CreateNotebookProps) {
  const id = useId();
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!name.trim()) return;
    setBusy(true);
    setError(await create(name.trim()));
    setBusy(false);
  }

  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2">
      <label htmlFor={id} className="sr-only">
        Name of the new notebook
      </label>
      <input
        id={id}
        value={name}
        onChange={(event) => setName(event.target.value)}
        placeholder="Name of a new notebook"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={error !== undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        className="h-8 w-full max-w-80 rounded-md border border-line-strong bg-surface px-3 placeholder:text-ink-3"
      />
      <Button type="submit" variant="primary" className="h-8" disabled={disabled || busy || !name.trim()}>
        Create notebook
      </Button>
      {error && (
        <p id={`${id}-error`} role="alert" className="basis-full text-bad">
          {error.message} {error.hint}
        </p>
      )}
    </form>
  );
}
