'use client';
/** For which jobs a job waits before it begins, or has waited, and why. */
import { waitReason, waitWords } from '../../engine/fold/scheduling-words.ts';
import type { JobWaitView } from '../../engine/fold/state.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import { formatDuration } from '../ui/format.ts';

/** In a line among others; the reason is its title. */
export function JobWaitWords({ wait }: { wait: JobWaitView }) {
  return <span title={waitReason(wait)}>{waitWords(wait)}</span>;
}

/** A sentence with the way to the jobs. */
export function JobWaitNote({ wait }: { wait: JobWaitView }) {
  const actions = useActions();
  const { jobIds, since, until } = wait;
  return (
    <p className="text-ink-2 text-xs">
      {until === undefined ? 'Waits' : `Waited ${formatDuration(until - since)}`}
      {jobIds.length > 0 && ` for ${jobIds.length === 1 ? 'job' : 'jobs'} `}
      {jobIds.map((jobId, at) => (
        <span key={jobId}>
          {at > 0 && ', '}
          <button
            type="button"
            className="text-accent underline underline-offset-2"
            aria-label={`Show job ${jobId}`}
            onClick={() => actions.selectJob(jobId)}
          >
            {jobId}
          </button>
        </span>
      ))}
      : {waitReason(wait)}.
    </p>
  );
}
