'use client';
/** Restarts the kernel, or shuts it down, after asking: its variables are lost. */
import { AlertDialog, DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmFrame } from '../ui/dialog-frame.tsx';
import { formatPlural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { menuClass, menuItemClass } from '../ui/menu.ts';
import { useActions } from './notebook-context.tsx';

const ENDINGS = {
  restart: { verb: 'Restart', note: 'A fresh kernel starts at once.' },
  shutDown: { verb: 'Shut down', note: 'Its memory is free again; the next run starts a fresh kernel.' },
} as const;

export function RestartButton({ disabled }: { disabled: boolean }) {
  const actions = useActions();
  const [open, setOpen] = useState(false);
  const [ending, setEnding] = useState<keyof typeof ENDINGS>('restart');
  const { verb, note } = ENDINGS[ending];
  const waiting = useSessionState(({ view }) => view?.queue.length ?? 0);
  const isRunning = useSessionState(({ view }) => view?.kernel.status === 'busy');
  const stops = [
    isRunning && 'the cell that runs',
    waiting > 0 && `${formatPlural(waiting, 'cell')} in the queue`,
  ];
  const stopped = stops.filter((part) => part !== false).join(' and ');
  const ask = (which: keyof typeof ENDINGS) => {
    setEnding(which);
    setOpen(true);
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={setOpen}>
      <span className="flex">
        <Button
          disabled={disabled}
          title="Restart the kernel: loses all variables (0 0)"
          className="rounded-r-none"
          onClick={() => ask('restart')}
        >
          <Icon name="restart" />
          <span className="max-xl:sr-only">Restart</span>
        </Button>
        <DropdownMenu.Root modal={false}>
          <DropdownMenu.Trigger asChild>
            <Button
              disabled={disabled}
              aria-label="More about the kernel"
              title="More about the kernel"
              className="-ml-px rounded-l-none px-1"
            >
              <Icon name="chevron" className="size-3 rotate-90" />
            </Button>
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content align="end" sideOffset={4} className={menuClass}>
              <DropdownMenu.Item className={menuItemClass} onSelect={() => ask('restart')}>
                Restart kernel…
              </DropdownMenu.Item>
              <DropdownMenu.Item className={menuItemClass} onSelect={() => ask('shutDown')}>
                Shut down kernel…
              </DropdownMenu.Item>
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      </span>
      <ConfirmFrame title={`${verb} the kernel?`} confirm={`${verb} kernel`} run={() => actions[ending]()}>
        {stopped && `This stops ${stopped}. `}
        All variables and cached data are lost. The text and the outputs stay. {note}
      </ConfirmFrame>
    </AlertDialog.Root>
  );
}
