'use client';
/** A whole page that says what went wrong and leads on. */
import Link from 'next/link';
import { Button } from './button.tsx';
import { Mark } from './mark.tsx';

export interface FailurePageProps {
  title: string;
  message: string;
  hint?: string;
  action?: { label: string; run: () => void };
}

export function FailurePage({ title, message, hint, action }: FailurePageProps) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-xl flex-col justify-center gap-4 p-6">
      <Mark />
      <h1 className="font-semibold text-2xl">{title}</h1>
      <p className="text-base text-ink-2 first-letter:uppercase [overflow-wrap:anywhere]">{message}</p>
      {hint && <p className="text-ink-2">{hint}</p>}
      <div className="flex gap-2">
        {action && (
          <Button variant="primary" onClick={action.run}>
            {action.label}
          </Button>
        )}
        <Link
          href="/"
          className="inline-flex h-7 items-center rounded-md border border-line bg-surface px-2.5 text-sm hover:bg-hover"
        >
          All notebooks
        </Link>
      </div>
    </main>
  );
}
