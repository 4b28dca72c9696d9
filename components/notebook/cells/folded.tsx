/** What stands for a part of a cell that is folded away. */
import { formatPlural } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';

const rowClass =
  'flex w-full items-center gap-1.5 rounded-lg border border-line border-dashed px-2 py-1 text-left text-ink-3 hover:bg-hover';

export function FoldedSource(props: { source: string; name: string; onShow: () => void }) {
  const lines = props.source.split('\n');
  return (
    <button
      type="button"
      aria-label={`Show the source of ${props.name}`}
      className={rowClass}
      onClick={props.onShow}
    >
      <Icon name="chevron" className="size-3" />
      <code className="min-w-0 flex-1 truncate text-xs">
        {lines.find((line) => line.trim()) ?? '(empty)'}
      </code>
      <span className="text-xs">{formatPlural(lines.length, 'line')}</span>
    </button>
  );
}

export function FoldedOutputs(props: { count: number; name: string; onShow: () => void }) {
  if (props.count === 0) return null;
  return (
    <button
      type="button"
      aria-label={`Show the output of ${props.name}`}
      className={`mt-1 ${rowClass}`}
      onClick={props.onShow}
    >
      <Icon name="chevron" className="size-3" />
      <span className="text-xs">{formatPlural(props.count, 'output')} folded away</span>
    </button>
  );
}
