'use client';
/** The list of keys. */
import { Dialog } from 'radix-ui';
import { Button } from '../ui/button.tsx';
import { dialogClass, overlayClass } from '../ui/dialog.ts';
import { Icon } from '../ui/icon.tsx';
import { NOTEBOOK_KEYS } from './use-notebook-keys.ts';

export function KeysDialog() {
  return (
    <Dialog.Root>
      <Dialog.Trigger asChild>
        <Button
          variant="quiet"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts"
          className="max-sm:hidden"
        >
          <Icon name="keyboard" />
        </Button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className={overlayClass} />
        <Dialog.Content className={dialogClass} aria-describedby={undefined}>
          <div className="mb-2 flex items-center justify-between">
            <Dialog.Title className="font-semibold text-lg">Keys</Dialog.Title>
            <Dialog.Close asChild>
              <Button variant="quiet" aria-label="Close">
                <Icon name="clear" />
              </Button>
            </Dialog.Close>
          </div>
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5">
            {NOTEBOOK_KEYS.map(([keys, does]) => (
              <div key={keys} className="contents">
                <dt>
                  <kbd className="whitespace-nowrap text-xs">{keys}</kbd>
                </dt>
                <dd className="text-ink-2">{does}</dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
