'use client';
/** Scrolls a line of a cell into view without taking the focus. */
import { CODE_PADDING, LINE_HEIGHT } from './editor/editor-metrics.ts';

/** Kept between the line and the edge of what scrolls. */
const AIR = 60;

export function revealLine(cellId: string, line: number): void {
  const cell = document.querySelector<HTMLElement>(`section[data-cell-id="${CSS.escape(cellId)}"]`);
  const text = cell?.querySelector('.cell-editor') ?? cell;
  const scroller = cell?.closest('main');
  if (!text || !scroller) return;
  const { top, height } = text.getBoundingClientRect();
  // A very long text scrolls by itself: the cell is what can be shown of it from here.
  const y = top + Math.min(CODE_PADDING + (line - 0.5) * LINE_HEIGHT, height);
  const own = scroller.scrollHeight > scroller.clientHeight + 1;
  const bounds = own ? scroller.getBoundingClientRect() : { top: 0, bottom: window.innerHeight };
  if (y > bounds.top + AIR && y < bounds.bottom - AIR) return;
  const by = { top: y - (bounds.top + bounds.bottom) / 2 };
  if (own) scroller.scrollBy(by);
  else window.scrollBy(by);
}
