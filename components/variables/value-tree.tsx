'use client';
/** The parts of a value, asked of the kernel when they are opened, a page at a time. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { InspectVariableAnswer, ValueStep } from '../../engine/viewer-protocol.ts';
import { useSession } from '../session/session-context.tsx';
import { formatCount } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';

type Part = InspectVariableAnswer['parts'][number];

function useParts(name: string, path: ValueStep[]) {
  const session = useSession();
  const [state, setState] = useState<{ parts: Part[]; total?: number; error?: string }>({ parts: [] });
  const key = JSON.stringify(path);
  const current = useRef(true);
  const ask = useCallback(
    async (offset: number) => {
      try {
        const answer = await session.query<InspectVariableAnswer>({
          type: 'inspectVariable',
          name,
          path: JSON.parse(key) as ValueStep[],
          offset,
        });
        if (!current.current) return;
        setState(({ parts }) => ({
          parts: [...parts.slice(0, offset), ...answer.parts],
          total: answer.total,
        }));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (current.current) setState((before) => ({ ...before, error: message }));
      }
    },
    [session, name, key],
  );
  useEffect(() => {
    current.current = true;
    void ask(0);
    return () => {
      current.current = false;
    };
  }, [ask]);
  return { ...state, ask };
}

export function ValueTree({ name, path, label }: { name: string; path: ValueStep[]; label: string }) {
  const { parts, total, error, ask } = useParts(name, path);
  return (
    <div className="text-xs">
      <ul aria-label={label} className="flex flex-col">
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
          <TreePart key={index} name={name} path={path} part={part} />
        ))}
      </ul>
      {error ? (
        <p role="alert" className="py-0.5 text-bad">
          {error}.{' '}
          <button
            type="button"
            className="underline underline-offset-2"
            onClick={() => void ask(parts.length)}
          >
            Try again
          </button>
        </p>
      ) : total === undefined ? (
        <p className="py-0.5 text-ink-3">Looking…</p>
      ) : (
        total > parts.length &&
        parts.length > 0 && (
          <p className="py-0.5 text-ink-3">
            showing {formatCount(parts.length)} of {formatCount(total)}{' '}
            <button
              type="button"
              className="text-accent underline underline-offset-2"
              onClick={() => void ask(parts.length)}
            >
              Show more
            </button>
          </p>
        )
      )}
    </div>
  );
}

function TreePart({ name, path, part }: { name: string; path: ValueStep[]; part: Part }) {
  const [open, setOpen] = useState(false);
  const { step } = part;
  const line = (
    <>
      <span className="shrink-0 whitespace-pre font-mono text-ink">{part.label}</span>
      <span className="min-w-0 truncate font-mono text-ink-2" title={part.preview}>
        {part.preview}
      </span>
      <span className="ml-auto max-w-1/3 shrink-0 truncate pl-2 text-ink-3" title={part.type}>
        {part.type}
      </span>
    </>
  );
  return (
    <li className="min-w-0">
      {step === undefined ? (
        <div className="flex min-h-6 items-center gap-2 pl-5">{line}</div>
      ) : (
        <button
          type="button"
          aria-expanded={open}
          className="flex min-h-6 w-full min-w-0 items-center gap-2 rounded-sm text-left hover:bg-hover"
          onClick={() => setOpen(!open)}
        >
          <Icon name="chevron" className={`-mr-1 size-4 text-ink-3 ${open ? 'rotate-90' : ''}`} />
          {line}
        </button>
      )}
      {open && step !== undefined && (
        <div className="ml-2 border-line border-l pl-2">
          <ValueTree name={name} path={[...path, step]} label={`Inside ${part.label}`} />
        </div>
      )}
    </li>
  );
}
