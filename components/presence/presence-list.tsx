'use client';
/** Who else is here: a list in the bar, with one's own name to change, and the names at the cells they are in. */
import { Popover } from 'radix-ui';
import { useState } from 'react';
import type { Presence } from '../../engine/viewer-protocol.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { usePresence, usePresenceState } from './presence-context.tsx';

const initials = (name: string) =>
  name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();

function Badge({ name, colour }: { name: string; colour: number }) {
  return (
    <span
      aria-hidden="true"
      className={`peer-badge peer-${colour} inline-flex size-5 shrink-0 items-center justify-center rounded-full border-2 bg-surface font-semibold text-[10px] text-ink`}
    >
      {initials(name)}
    </span>
  );
}

function Place({ presence }: { presence: Presence }) {
  const actions = useActions();
  const { cellId, range } = presence;
  const at = useSessionState(({ view }) => (cellId ? (view?.cellOrder.indexOf(cellId) ?? -1) : -1));
  if (!cellId || at < 0) return null;
  return (
    <button
      type="button"
      className="ml-auto whitespace-nowrap text-accent underline underline-offset-2"
      onClick={() => actions.select(cellId)}
    >
      cell {at + 1}
      {range && `, line ${range.startLine}`}
    </button>
  );
}

function OwnName() {
  const presence = usePresence();
  const name = usePresenceState((state) => state.name);
  const [text, setText] = useState(name);
  return (
    <form
      className="mt-2 flex gap-2 border-line border-t pt-2"
      onSubmit={(event) => {
        event.preventDefault();
        presence.rename(text);
      }}
    >
      <input
        aria-label="Your name"
        value={text}
        maxLength={40}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => presence.rename(text)}
        className="h-7 min-w-0 flex-1 rounded-md border border-line bg-bg px-2 text-sm"
      />
      <Button type="submit">Rename</Button>
    </form>
  );
}

export function PresenceList() {
  const others = usePresenceState((state) => state.others);
  const name = usePresenceState((state) => state.name);
  const colour = usePresenceState((state) => state.colour);
  const notice = usePresenceState((state) => state.notice);
  const list = [...others];
  const said = list.length === 0 ? 'Only you are here' : `${list.length + 1} people are here`;
  return (
    <>
      <span role="status" className="sr-only">
        {notice}
      </span>
      <Popover.Root>
        <Popover.Trigger asChild>
          <Button variant="quiet" aria-label={said} title={said} className="gap-0 px-1">
            {list.slice(0, 3).map(([viewer, other]) => (
              <Badge key={viewer} {...other} />
            ))}
            {list.length > 3 && <span className="pl-1 text-xs">+{list.length - 3}</span>}
            {list.length === 0 && <Badge name={name || 'You'} colour={colour} />}
          </Button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="end"
            sideOffset={6}
            aria-label="Who is here"
            className="z-50 w-64 rounded-lg border border-line bg-surface p-3 text-ink text-sm shadow-pop"
          >
            <ul className="flex flex-col gap-1.5">
              <li className="flex items-center gap-2">
                <Badge name={name} colour={colour} /> {name} <span className="text-ink-3">(you)</span>
              </li>
              {list.map(([viewer, other]) => (
                <li key={viewer} className="flex min-w-0 items-center gap-2">
                  <Badge {...other} />
                  <span className="min-w-0 truncate">{other.name}</span>
                  <Place presence={other} />
                </li>
              ))}
            </ul>
            <OwnName />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </>
  );
}

/** The names of those who are in this cell. */
export function CellPeers({ cellId }: { cellId: string }) {
  const others = usePresenceState((state) => state.others);
  const here = [...others].filter(([, other]) => other.cellId === cellId);
  if (here.length === 0) return null;
  return (
    <ul aria-label="Also in this cell" className="absolute right-2 bottom-full z-1 flex gap-1 text-2xs">
      {here.map(([viewer, { name, colour, range }]) => (
        <li
          key={viewer}
          className={`peer-badge peer-${colour} max-w-40 truncate rounded-t-sm border-t-2 bg-surface px-1.5`}
        >
          {name}
          {range && `, line ${range.startLine}`}
        </li>
      ))}
    </ul>
  );
}
