/** Tasks done, running and failed, as shares of a thin bar. */
export interface ProgressBarProps {
  done: number;
  running: number;
  failed: number;
  total: number;
  label: string;
}

export function ProgressBar({ done, running, failed, total, label }: ProgressBarProps) {
  const share = (count: number) => `${(100 * count) / Math.max(1, total)}%`;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      className="flex h-1 min-w-8 flex-1 overflow-hidden rounded-full bg-line"
    >
      <span className="bg-ok" style={{ width: share(done) }} />
      <span className="bg-run" style={{ width: share(Math.min(running, total - done)) }} />
      <span className="bg-bad" style={{ width: share(failed) }} />
    </div>
  );
}
