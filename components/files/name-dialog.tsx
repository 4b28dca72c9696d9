'use client';
/** Asks for a name: of a new notebook, a new folder, or what is renamed. An error of the server is shown at the field. */
import { Dialog } from 'radix-ui';
import { type FormEvent, useId, useState } from 'react';
import type { ErrorData } from '../../engine/protocol.ts';
import { DialogFooter, DialogFrame } from '../ui/dialog-frame.tsx';
import type { Outcome } from './use-file-actions.ts';

export interface NameDialogProps {
  title: string;
  label: string;
  confirm: string;
  initial?: string;
  submit: (name: string) => Promise<Outcome>;
  /** With the outcome of a success; without when given up. */
  close: (outcome?: Outcome) => void;
}

/** Selects the name without its ending, as one changes it. */
function selectStem(input: HTMLInputElement | null) {
  if (!input) return;
  input.focus();
  const dot = input.value.lastIndexOf('.');
  input.setSelectionRange(0, dot > 0 ? dot : input.value.length);
}

export function NameDialog({ title, label, confirm, initial = '', submit, close }: NameDialogProps) {
  const id = useId();
  const [name, setName] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();

  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const outcome = await submit(name.trim());
    setBusy(false);
    if (outcome.ok) close(outcome);
    else setError(outcome.error);
  }

  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <DialogFrame
        title={title}
        aria-describedby={undefined}
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          selectStem((event.currentTarget as HTMLElement).querySelector('input'));
        }}
      >
        <form onSubmit={onSubmit} className="mt-3">
          <label htmlFor={id} className="text-ink-2 text-xs">
            {label}
          </label>
          <input
            id={id}
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={error !== undefined}
            aria-describedby={error ? `${id}-error` : undefined}
            className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-3"
          />
          {error && (
            <p id={`${id}-error`} role="alert" className="mt-2 text-bad [overflow-wrap:anywhere]">
              {error.message}. {error.hint}
            </p>
          )}
          <DialogFooter confirm={confirm} disabled={busy || !name.trim()} />
        </form>
      </DialogFrame>
    </Dialog.Root>
  );
}
