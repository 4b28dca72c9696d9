'use client';
/** An error as the user can act on it: message, hint, the own line, the task and element, the causes, the stack. */
import Link from 'next/link';
import type { ErrorData, ErrorFrame, SourcePosition } from '../../engine/protocol.ts';
import { sourceHref } from '../files/file-hrefs.ts';
import { TaskLink } from '../jobs/task-link.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { Glyph } from '../ui/state-glyph.tsx';
import { plainText } from './ansi.ts';
import { useActions } from './notebook-context.tsx';

function PositionLink({ position, label }: { position: SourcePosition; label?: string }) {
  const actions = useActions();
  const { cellId } = position;
  const index = useSessionState(({ view }) => (cellId ? (view?.cellOrder.indexOf(cellId) ?? -1) : -1));
  const place = `line ${position.line}, column ${position.column}`;
  if (cellId === undefined && /^(\/|[A-Za-z]:[\\/])/.test(position.file)) {
    return (
      <Link
        href={sourceHref(position.file, position.line, position.column)}
        title={position.file}
        className="text-accent underline underline-offset-2"
      >
        {label ? `${label} · ` : ''}
        {position.file.split(/[\\/]/).at(-1)}, {place}
      </Link>
    );
  }
  if (cellId === undefined || index < 0) {
    return (
      <code className="text-xs">
        {label} {position.file}, {place}
      </code>
    );
  }
  return (
    <button
      type="button"
      className="text-accent underline underline-offset-2"
      onClick={() => actions.edit(cellId, { line: position.line, column: position.column })}
    >
      {label ? `${label} · ` : ''}cell {index + 1}, {place}
    </button>
  );
}

function TaskLine({ error }: { error: ErrorData }) {
  const { task, element } = error;
  if (!task && element === undefined) return null;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 text-xs">
      {task && (
        <>
          <dt className="text-ink-3">Task</dt>
          <dd>
            <TaskLink task={task} />
          </dd>
        </>
      )}
      {element !== undefined && (
        <>
          <dt className="text-ink-3">Element</dt>
          <dd>
            <code className="whitespace-pre-wrap [overflow-wrap:anywhere]">{element}</code>
          </dd>
        </>
      )}
    </dl>
  );
}

function Frames({ frames }: { frames: ErrorFrame[] }) {
  return (
    <ul aria-label="Frames" className="flex flex-col items-start text-xs">
      {frames.map((frame, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a frame may occur twice
        <li key={index}>
          <PositionLink position={frame} label={frame.functionName ?? 'at'} />
        </li>
      ))}
    </ul>
  );
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** A cause, without what the error it caused has said already: its place, its frames, its task, its element. */
function causeBeyond(cause: ErrorData, caused: ErrorData): ErrorData {
  const { position, task, element, frames, ...rest } = cause;
  const said = (frame: ErrorFrame) =>
    (frame.line === caused.position?.line && frame.file === caused.position.file) ||
    caused.frames?.some((other) => isSame(other, frame));
  return {
    ...rest,
    ...(frames && { frames: frames.filter((frame) => !said(frame)) }),
    ...(position && !isSame(position, caused.position) && { position }),
    ...(task && !isSame(task, caused.task) && { task }),
    ...(element !== undefined && element !== caused.element && { element }),
  };
}

function ErrorBody({ error, cause = false }: { error: ErrorData; cause?: boolean }) {
  const frames = error.frames?.filter(
    (frame) => frame.line !== error.position?.line || frame.file !== error.position.file,
  );
  return (
    <div className="flex flex-col items-start gap-1.5">
      <p className="whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
        {cause && <span className="text-ink-3">caused by </span>}
        <strong className="font-semibold text-bad">{error.name}</strong>
        {error.code !== 'USER' && <code className="ml-2 text-2xs text-ink-3">{error.code}</code>}
        <br />
        {plainText(error.message)}
      </p>
      {error.hint && <p className="text-ink-2">→ {error.hint}</p>}
      {error.position && <PositionLink position={error.position} />}
      <TaskLine error={error} />
      {frames && frames.length > 0 && <Frames frames={frames} />}
      {error.stack && (
        <details className="w-full text-xs">
          <summary className="text-ink-3">Stack</summary>
          <pre className="mt-1 overflow-x-auto text-ink-2 leading-5">{error.stack}</pre>
        </details>
      )}
    </div>
  );
}

export function ErrorOutput({ error }: { error: ErrorData }) {
  const causes: ErrorData[] = [];
  let caused = error;
  for (let next = error.cause; next && causes.length < 8; next = next.cause) {
    causes.push(causeBeyond(next, caused));
    caused = next;
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form
    <div role="group" aria-label="Error" className="flex gap-3 border-bad border-l-2 bg-bad-soft px-3 py-2">
      <Glyph name="cross" className="mt-1 text-bad" />
      <div className="flex min-w-0 flex-1 flex-col gap-3">
        <ErrorBody error={error} />
        {causes.map((cause, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a chain is its order
          <ErrorBody key={index} error={cause} cause />
        ))}
      </div>
    </div>
  );
}
