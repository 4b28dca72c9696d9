'use client';
/** Every attempt of a stage with its state and the reason for it, and why the stage was skipped or failed, with links. */
import { stageReasons } from '../../engine/fold/fault-words.ts';
import type { JobView, StageView } from '../../engine/fold/state.ts';
import type { ErrorData, SourcePosition } from '../../engine/protocol.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { formatDuration, formatPlural } from '../ui/format.ts';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { type JobStage, stageDuration } from './job-stages.ts';

const linkClass = 'text-accent underline underline-offset-2';

export function SourceLink({ position, children }: { position: SourcePosition; children?: string }) {
  const actions = useActions();
  const { cellId, line, column } = position;
  const index = useSessionState(({ view }) => (cellId ? (view?.cellOrder.indexOf(cellId) ?? -1) : -1));
  if (!cellId || index < 0) return <code className="text-xs">{`${position.file}:${line}`}</code>;
  return (
    <button type="button" className={linkClass} onClick={() => actions.edit(cellId, { line, column })}>
      {children ?? `cell ${index + 1}, line ${line}`}
    </button>
  );
}

/** Which of its partitions are computed again, and why: one sentence for each cause. */
function useCauses(): (stage: StageView) => string[] {
  const faults = useSessionState(({ view }) => view?.faults);
  const executors = useSessionState(({ view }) => view?.executors);
  return (stage) => (faults && executors ? stageReasons({ faults, executors }, stage) : []);
}

const SHOWN_CAUSES = 5;

function Causes({ causes }: { causes: readonly string[] }) {
  return (
    <>
      {causes.slice(0, SHOWN_CAUSES).map((cause) => (
        <span key={cause} className="basis-full text-ink-2 [overflow-wrap:anywhere]">
          {cause}.
        </span>
      ))}
      {causes.length > SHOWN_CAUSES && (
        <span className="basis-full text-ink-3">
          and {causes.length - SHOWN_CAUSES} more, in the task table
        </span>
      )}
    </>
  );
}

/** The attempts, when there was more than one. */
export function StageAttempts({ entry, all }: { entry: JobStage; all: readonly StageView[] }) {
  const actions = useActions();
  const causesOf = useCauses();
  if (all.length < 2) return null;
  return (
    <ol
      aria-label={`Attempts of stage ${entry.stage.info.stageId}`}
      className="flex flex-col gap-0.5 text-xs"
    >
      {all.map((attempt) => {
        const duration = stageDuration(attempt, attempt.completedAt ?? Date.now());
        const causes = causesOf(attempt);
        const started = causes.length === 0 && attempt.reason;
        const why = [started && `started because ${started}`, attempt.failureReason]
          .filter(Boolean)
          .join('; ');
        return (
          <li key={attempt.key} className="flex flex-wrap items-baseline gap-x-2">
            <button
              type="button"
              aria-pressed={attempt.key === entry.stage.key}
              className="underline-offset-2 hover:underline aria-pressed:font-semibold"
              onClick={() => actions.selectStage(attempt.key)}
            >
              Attempt {attempt.info.attempt + 1}
            </button>
            <StateGlyph state={attempt.status} showWord />
            <span className="text-ink-3 tabular-nums">
              {formatPlural(attempt.info.numTasks, 'task')}
              {duration !== undefined && ` · ${formatDuration(duration)}`}
            </span>
            <Causes causes={causes} />
            {why && <span className="basis-full text-ink-2">{why}</span>}
          </li>
        );
      })}
    </ol>
  );
}

function rootOf(error: ErrorData): ErrorData {
  let root = error;
  while (root.cause) root = root.cause;
  return root;
}

/** Skipped, used again, started again, failed: in words, with the way to what it speaks of. */
export function StageReasons({
  entry,
  jobs,
  onFailedTasks,
}: {
  entry: JobStage;
  jobs: readonly JobView[];
  onFailedTasks: () => void;
}) {
  const actions = useActions();
  const { stage, computedBy, reusedBy, earlier } = entry;
  const held = useSessionState(
    ({ view }) => computedBy !== undefined && (view?.jobs.has(computedBy) ?? false),
  );
  const causesOf = useCauses();
  const alone = stage.status !== 'skipped' && earlier.length === 0;
  const causes = alone ? causesOf(stage) : [];
  const error = jobs.find((job) => job.error && stage.jobIds.includes(job.jobId))?.error;
  const failed = stage.status === 'failed';
  const root = failed && error ? rootOf(error) : undefined;
  return (
    <>
      {stage.status === 'skipped' && (
        <p className="text-ink-2 text-xs">
          Skipped: {stage.reason ?? 'its output was already there'}.{' '}
          {held && computedBy !== undefined && (
            <button
              type="button"
              className={linkClass}
              onClick={() => actions.selectJob(computedBy, stage.key)}
            >
              Show it in job {computedBy}, which computed it
            </button>
          )}
        </p>
      )}
      {reusedBy && (
        <p className="text-ink-2 text-xs">
          Used again by {formatPlural(reusedBy.length, 'job')}: {reusedBy.slice(0, 8).join(', ')}
          {reusedBy.length > 8 && ' …'}
        </p>
      )}
      {causes.length > 0 && (
        <p className="flex flex-wrap text-xs">
          <Causes causes={causes} />
        </p>
      )}
      {alone && stage.reason && causes.length === 0 && (
        <p className="text-ink-2 text-xs">Started because {stage.reason}.</p>
      )}
      {stage.failureReason && (
        <p className="text-bad text-xs [overflow-wrap:anywhere]">{stage.failureReason}</p>
      )}
      {root && (
        <p className="flex flex-wrap gap-x-2 text-xs">
          <span className="text-ink-2 [overflow-wrap:anywhere]">
            {root.name}: {root.message.slice(0, 300)}
          </span>
          {root.position && <SourceLink position={root.position} />}
        </p>
      )}
      {stage.progress.numFailed > 0 && (
        <p className="text-xs">
          <button type="button" className={linkClass} onClick={onFailedTasks}>
            Show {formatPlural(stage.progress.numFailed, 'failed task attempt')}
          </button>
        </p>
      )}
    </>
  );
}
