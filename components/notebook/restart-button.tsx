'use client';
/** Restarts the kernel, after asking: its variables are lost. */
import { AlertDialog } from 'radix-ui';
import { Button } from '../ui/button.tsx';
import { dialogClass, overlayClass } from '../ui/dialog.ts';
import { Icon } from '../ui/icon.tsx';
import { useActions } from './notebook-context.tsx';

export function RestartButton({ disabled }: { disabled: boolean }) {
  const actions = useActions();
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>
        <Button disabled={disabled} title="Restart the kernel: loses all variables (0 0)">
          <Icon name="restart" />
          <span className="max-sm:sr-only">Restart</span>
        </Button>
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={overlayClass} />
        <AlertDialog.Content className={dialogClass}>
          <AlertDialog.Title className="font-semibold text-lg">Restart the kernel?</AlertDialog.Title>
          <AlertDialog.Description className="mt-1 text-ink-2">
            All variables and cached data are lost. The text and the outputs stay.
          </AlertDialog.Description>
          <div className="mt-4 flex justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>Cancel</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button variant="danger" onClick={() => actions.restart()}>
                Restart kernel
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
