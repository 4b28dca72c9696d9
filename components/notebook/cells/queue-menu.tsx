'use client';
/** In the bar: the cells that wait, in the order in which they will run; each can be taken out. */
import { Popover } from 'radix-ui';
import { useSessionState } from '../../session/session-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ListPopover } from '../../ui/list-popover.tsx';
import { useActions } from '../notebook-context.tsx';
import { cellName } from './stale-words.ts';

const NO_ORDER: readonly string[] = [];
/** Characters shown of a cell's first line. */
const LINE_SHOWN = 60;

export function QueueMenu() {
  const actions = useActions();
  const order = useSessionState(({ view }) => view?.cellOrder ?? NO_ORDER);
  const queue = useSessionState(({ view }) => view?.queue);
  const cells = useSessionState(({ view }) => view?.cells);
  if (!queue || queue.length === 0) return null;
  const running = order.find((cellId) => cells?.get(cellId)?.status === 'running');
  return (
    <ListPopover
      title="Queue"
      trigger={
        <Button className="max-sm:px-1.5" title="The cells that wait to run">
          <Icon name="queue" />
          {queue.length} <span className="max-sm:sr-only">queued</span>
        </Button>
      }
    >
      {running !== undefined && <p className="text-ink-2">Running now: {cellName(order, running)}</p>}
      <ol aria-label="Queued cells" className="mt-1 max-h-72 divide-y divide-line overflow-y-auto">
        {queue.map(({ cellId, runId }, i) => {
          const name = cellName(order, cellId);
          const line = cells?.get(cellId)?.source.trim().split('\n', 1)[0]?.slice(0, LINE_SHOWN);
          return (
            <li key={runId} className="flex items-center gap-2 py-1">
              <span className="w-5 text-right text-ink-3 tabular-nums">{i + 1}.</span>
              <Popover.Close asChild>
                <button
                  type="button"
                  className="whitespace-nowrap font-semibold hover:underline"
                  onClick={() => actions.select(cellId)}
                >
                  {name[0]?.toUpperCase() + name.slice(1)}
                </button>
              </Popover.Close>
              <code className="min-w-0 flex-1 truncate text-ink-3 text-xs">{line}</code>
              <Button
                size="sm"
                variant="quiet"
                aria-label={`Take ${name} out of the queue`}
                title="Take it out of the queue"
                onClick={() => actions.cells.cancelQueued(cellId)}
              >
                <Icon name="clear" />
              </Button>
            </li>
          );
        })}
      </ol>
    </ListPopover>
  );
}
