'use client';
/** Why cells are stale: the line of one cell, and the list of all with what "Run stale" would run. */
import { DropdownMenu, Popover } from 'radix-ui';
import type { CellView } from '../../../engine/fold/state.ts';
import { useSessionState } from '../../session/session-context.tsx';
import { Button } from '../../ui/button.tsx';
import { formatPlural } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { ListPopover } from '../../ui/list-popover.tsx';
import { useActions } from '../notebook-context.tsx';
import { alsoRunWords, cellName, staleWords } from './stale-words.ts';

const NO_ORDER: readonly string[] = [];

/** Names in backticks as code. */
export function Words({ text }: { text: string }) {
  return text.split('`').map((part, i) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence in their order
    i % 2 === 0 ? part : <code key={i}>{part}</code>,
  );
}

const capital = (text: string) => (text[0] ?? '').toUpperCase() + text.slice(1);

/** Under a cell: that it is stale, the first reason, and the others on demand. */
export function StaleLine({ cell, name }: { cell: CellView; name: string }) {
  const actions = useActions();
  const order = useSessionState(({ view }) => view?.cellOrder ?? NO_ORDER);
  const [first, ...others] = (cell.stale ?? []).map((reason) => staleWords(reason, order, cell.cellId));
  if (first === undefined) return null;
  return (
    <ListPopover
      align="start"
      title={`Why ${name} is stale`}
      trigger={
        <button
          type="button"
          aria-label={`${capital(name)} is stale: ${first.replaceAll('`', '')}${others.length > 0 ? `, and ${others.length} more` : ''}`}
          className="inline-flex min-w-0 items-center gap-1 rounded-sm text-left text-run hover:underline"
        >
          <Icon name="stale" className="size-3.5" />
          <span className="min-w-0">
            <strong className="font-semibold">stale</strong>: <Words text={first} />
            {others.length > 0 && ` (+${others.length})`}
          </span>
        </button>
      }
    >
      <ul className="my-2 list-disc pl-4 text-ink-2">
        {[first, ...others].map((words) => (
          <li key={words}>
            <Words text={words} />
          </li>
        ))}
      </ul>
      <p className="mb-2 text-ink-3 text-xs">
        {cell.outputs.length > 0 ? 'The output below is that of the earlier run.' : ''}
      </p>
      <div className="flex gap-2">
        <Popover.Close asChild>
          <Button onClick={() => actions.run(cell.cellId)}>Run this cell</Button>
        </Popover.Close>
        <Popover.Close asChild>
          <Button onClick={() => actions.cells.runStale()}>Run all stale</Button>
        </Popover.Close>
      </div>
    </ListPopover>
  );
}

/** In the bar: how many cells are stale, each with its reasons, and what a run of them would execute. */
export function StaleMenu() {
  const actions = useActions();
  const order = useSessionState(({ view }) => view?.cellOrder ?? NO_ORDER);
  const cells = useSessionState(({ view }) => view?.cells);
  const alsoRun = useSessionState(({ view }) => view?.alsoRun);
  const stale = order.flatMap((cellId) => {
    const cell = cells?.get(cellId);
    return cell?.stale && cell.kind === 'code' ? [cell] : [];
  });
  if (stale.length === 0) return null;
  const also = new Map((alsoRun ?? []).map((each) => [each.cellId, each]));
  const runs = order.filter((cellId) => also.has(cellId) || cells?.get(cellId)?.stale);
  return (
    <ListPopover
      title={formatPlural(stale.length, 'stale cell')}
      trigger={
        <Button className="text-run max-sm:px-1.5" title="Why cells are stale, and what Run stale runs">
          <Icon name="stale" />
          {stale.length} <span className="max-sm:sr-only">stale</span>
        </Button>
      }
    >
      <p className="text-ink-2">
        They show something else than a run from top to bottom would. Run stale executes, in this order:
      </p>
      <ol aria-label="Cells that run" className="my-2 max-h-72 divide-y divide-line overflow-y-auto">
        {runs.map((cellId) => {
          const reasons = cells?.get(cellId)?.stale ?? [];
          const extra = also.get(cellId);
          return (
            <li key={cellId} className="py-1">
              <Popover.Close asChild>
                <button
                  type="button"
                  className="font-semibold hover:underline"
                  onClick={() => actions.select(cellId)}
                >
                  {capital(cellName(order, cellId))}
                </button>
              </Popover.Close>
              {': '}
              <span className="text-ink-2">
                <Words
                  text={
                    extra
                      ? alsoRunWords(extra)
                      : reasons.map((reason) => staleWords(reason, order, cellId)).join('; ')
                  }
                />
              </span>
            </li>
          );
        })}
      </ol>
      <Popover.Close asChild>
        <Button variant="primary" onClick={() => actions.cells.runStale()}>
          Run stale ({runs.length})
        </Button>
      </Popover.Close>
    </ListPopover>
  );
}

export function RunStaleItem({ className }: { className: string }) {
  const actions = useActions();
  const count = useSessionState(
    ({ view }) =>
      [...(view?.cells.values() ?? [])].filter(({ stale, kind }) => stale && kind === 'code').length,
  );
  return (
    <DropdownMenu.Item className={className} disabled={count === 0} onSelect={() => actions.cells.runStale()}>
      Run stale cells {count > 0 && `(${count})`}
    </DropdownMenu.Item>
  );
}
