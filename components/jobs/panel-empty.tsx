'use client';
/** The panel before the first job: what will be seen here, and what makes it appear. */
import { useSessionState } from '../session/session-context.tsx';

/** A sketch of two stages with the shuffle between them and the bars of their tasks. */
function Sketch() {
  const box = {
    width: 132,
    height: 52,
    rx: 6,
    fill: 'none',
    stroke: 'var(--line-strong)',
    strokeDasharray: '4 3',
  };
  const bars: [x: number, y: number, width: number, phase: number][] = [
    [0, 84, 12, 1],
    [14, 84, 92, 4],
    [108, 84, 24, 5],
    [0, 104, 16, 1],
    [18, 104, 70, 4],
    [90, 104, 30, 5],
    [180, 84, 28, 3],
    [210, 84, 74, 4],
    [286, 84, 14, 6],
    [180, 104, 40, 3],
    [222, 104, 52, 4],
    [276, 104, 12, 6],
  ];
  return (
    <svg aria-hidden="true" viewBox="-1 -1 314 122" className="w-full max-w-80">
      <rect {...box} x={0} y={0} />
      <rect {...box} x={180} y={0} />
      <path d="M132 26h40" stroke="var(--line-strong)" strokeDasharray="4 3" fill="none" />
      <path d="m170 22 8 4-8 4z" fill="var(--line-strong)" />
      {[0, 180].map((x) => (
        <g key={x} fill="var(--line)">
          <rect x={x + 12} y={14} width={48} height={6} rx={3} />
          <rect x={x + 12} y={30} width={88} height={6} rx={3} />
        </g>
      ))}
      {bars.map(([x, y, width, phase]) => (
        <rect
          key={`${x} ${y}`}
          x={x}
          y={y}
          width={width}
          height={12}
          fill={`var(--phase-${phase})`}
          opacity={0.55}
        />
      ))}
    </svg>
  );
}

export function PanelEmpty() {
  const busy = useSessionState(({ view }) => {
    const status = view?.kernel.status;
    return status === 'busy' || status === 'starting' || (view?.queue.length ?? 0) > 0;
  });
  const code = (text: string) => <code className="text-xs text-ink">{text}</code>;
  return (
    <div className="flex flex-col gap-4 p-4 text-ink-2 sm:p-8">
      <Sketch />
      <div className="flex max-w-96 flex-col gap-1">
        <h2 className="font-semibold text-base text-ink">
          {busy ? 'Waiting for the first job' : 'No job yet'}
        </h2>
        <p>
          {busy ? (
            'A job'
          ) : (
            <>
              Press <strong className="font-semibold text-ink">Run all</strong>. A job
            </>
          )}{' '}
          starts when a cell asks for a result, with {code('collect')}, {code('count')} or {code('take')}. Its
          stages, the timeline of its tasks and their metrics are drawn here while it runs.
        </p>
      </div>
    </div>
  );
}
