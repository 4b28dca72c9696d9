'use client';
/** Find and replace over all cells: a small panel above them, by keyboard as in other editors. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { useSession } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { type EditorRoom, useEditorRoom } from './editor/editor-room.tsx';
import type { FindQuery } from './editor/find-matches.ts';
import { type CellMatch, type FindResult, FindSession } from './editor/find-session.ts';
import { useActions, useNotebookUi, useUi } from './notebook-context.tsx';

const OPTIONS = [
  ['matchCase', 'Aa', 'Match case'],
  ['wholeWord', 'ab', 'Whole words'],
  ['regex', '.*', 'Regular expression'],
] as const;

const REFIND_MS = 150;
const NOTHING: FindResult = { matches: [] };

const inputClass =
  'h-7 min-w-0 flex-1 rounded-md border border-line bg-surface px-2 text-sm outline-none focus-visible:border-accent';

function Panel({ room }: { room: EditorRoom }) {
  const session = useSession();
  const actions = useActions();
  const ui = useNotebookUi();
  const request = useUi((state) => state.find);
  const find = useMemo(() => new FindSession(room, session), [room, session]);
  const input = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState<FindQuery>({
    text: '',
    matchCase: false,
    wholeWord: false,
    regex: false,
  });
  const [outputs, setOutputs] = useState(false);
  const [template, setTemplate] = useState('');
  const [result, setResult] = useState(NOTHING);
  const [at, setAt] = useState(-1);
  const [said, setSaid] = useState('');
  const { matches, problem, more = false } = result;
  const current = matches[at];

  useEffect(() => {
    if (request?.seed) setQuery((before) => ({ ...before, text: request.seed ?? '' }));
    requestAnimationFrame(() => input.current?.select());
  }, [request]);

  useEffect(() => {
    const search = () => {
      const next = find.find(query, outputs);
      setResult(next);
      setAt((before) => Math.min(before, next.matches.length - 1));
    };
    search();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = room.models.onChange(() => {
      clearTimeout(timer);
      timer = setTimeout(search, REFIND_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [room, find, query, outputs]);

  useEffect(() => find.mark(matches, current), [find, matches, current]);
  useEffect(() => () => find.mark([], undefined), [find]);

  const go = (step: 1 | -1) => {
    if (matches.length === 0) return;
    let next = at + step;
    if (at < 0) {
      // Begins at the selected cell.
      const { cellOrder = [] } = session.store.getState().view ?? {};
      const from = cellOrder.indexOf(ui.getState().selectedCellId ?? '');
      next = matches.findIndex(({ cellId }) => cellOrder.indexOf(cellId) >= from);
    }
    next = (next + matches.length) % matches.length;
    const match = matches[next] as CellMatch;
    setAt(next);
    setSaid('');
    actions.entered(match.cellId, 'command');
    find.reveal(match);
  };

  const close = () => {
    ui.setState({ find: undefined });
    const cellId = current?.cellId ?? ui.getState().selectedCellId;
    if (!cellId) return;
    const position = current && find.positionOf(current);
    const isCode = session.store.getState().view?.cells.get(cellId)?.kind === 'code';
    if (position && isCode) actions.edit(cellId, position);
    else actions.select(cellId);
  };

  const replaceOne = () => {
    if (!current || current.inOutput) return go(1);
    const replaced = find.replace([current], template, query.regex);
    setSaid(replaced === 0 ? 'not replaced: the text has changed meanwhile' : '');
    const next = find.find(query, outputs);
    setResult(next);
    const after = next.matches.findIndex(
      (match) => match.cellId !== current.cellId || match.start >= current.start,
    );
    const place = Math.min(at, next.matches.length - 1);
    setAt(after < 0 ? place : Math.max(place, 0));
    const shown = next.matches[Math.max(place, 0)];
    if (shown) find.reveal(shown);
  };

  const replaceAll = () => {
    // Others may have typed since the last search.
    const found = find.find(query, outputs);
    const cells = new Set(found.matches.filter(({ inOutput }) => !inOutput).map(({ cellId }) => cellId)).size;
    const count = find.replace(found.matches, template, query.regex);
    setResult(find.find(query, outputs));
    // Its button, now without anything to do, would lose the focus.
    input.current?.focus();
    const rest = found.more ? '; there are more: replace again' : '';
    setSaid(`${formatCount(count)} replaced in ${cells} ${cells === 1 ? 'cell' : 'cells'}${rest}`);
  };

  const count =
    problem ??
    (query.text === ''
      ? ''
      : matches.length === 0
        ? 'no match'
        : `${at + 1 || '–'} of ${formatCount(matches.length)}${more ? ' or more' : ''}`);
  return (
    <search
      aria-label="Find in all cells"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
        else if (event.key === 'Enter' && event.target === input.current) go(event.shiftKey ? -1 : 1);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
      className="absolute top-1 right-2 left-2 z-20 max-lg:fixed max-lg:top-20 sm:max-lg:top-12 ml-auto flex max-w-[520px] flex-col gap-1.5 rounded-lg border border-line bg-surface p-2 shadow-pop"
    >
      <div className="flex flex-wrap items-center gap-1">
        <input
          ref={input}
          aria-label="Find"
          placeholder="Find"
          value={query.text}
          onChange={(event) => {
            setQuery({ ...query, text: event.target.value });
            setAt(-1);
            setSaid('');
          }}
          className={`${inputClass} max-sm:basis-full`}
        />
        {OPTIONS.map(([name, sign, label]) => (
          <Button
            key={name}
            variant="quiet"
            aria-label={label}
            title={label}
            aria-pressed={query[name]}
            onClick={() => {
              setQuery({ ...query, [name]: !query[name] });
              setSaid('');
            }}
            className="font-mono"
          >
            {sign}
          </Button>
        ))}
        <Button
          variant="quiet"
          aria-label="Search in outputs, too"
          title="Search in outputs, too"
          aria-pressed={outputs}
          onClick={() => setOutputs(!outputs)}
        >
          out
        </Button>
        <Button
          variant="quiet"
          aria-label="Previous match"
          title="Previous match (Shift+Enter)"
          onClick={() => go(-1)}
        >
          <Icon name="up" />
        </Button>
        <Button variant="quiet" aria-label="Next match" title="Next match (Enter)" onClick={() => go(1)}>
          <Icon name="down" />
        </Button>
        <Button variant="quiet" aria-label="Close the search" title="Close (Esc)" onClick={close}>
          <Icon name="clear" />
        </Button>
      </div>
      {request?.replace && (
        <div className="flex items-center gap-1">
          <input
            aria-label="Replace with"
            placeholder="Replace with"
            value={template}
            onChange={(event) => setTemplate(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') replaceOne();
            }}
            className={inputClass}
          />
          <Button onClick={replaceOne} disabled={matches.length === 0}>
            Replace
          </Button>
          <Button onClick={replaceAll} disabled={matches.length === 0}>
            Replace all
          </Button>
        </div>
      )}
      <p role="status" className={`min-h-4 px-1 text-xs ${problem ? 'text-bad' : 'text-ink-3'}`}>
        {said || count}
      </p>
    </search>
  );
}

export function FindPanel() {
  const open = useUi((state) => state.find !== undefined);
  const room = useEditorRoom();
  return open && typeof room === 'object' ? <Panel room={room} /> : null;
}
