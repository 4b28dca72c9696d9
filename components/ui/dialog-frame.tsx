'use client';
/** How dialogs look: the frame above a page that is dimmed, and the question before something is lost. */
import { AlertDialog, Dialog } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { Button } from './button.tsx';

const overlayClass = 'fixed inset-0 z-40 bg-black/40';
const frameClass =
  'fixed top-1/4 left-1/2 z-50 max-h-[70vh] w-[calc(100vw-32px)] max-w-md -translate-x-1/2 overflow-auto rounded-lg border border-line bg-surface p-4 shadow-pop';
const footerClass = 'mt-4 flex justify-end gap-2';
const titleClass = 'font-semibold text-lg [overflow-wrap:anywhere]';

/** Inside a `Dialog.Root`. Without a `title` the caller has one of its own in it. */
export function DialogFrame({ title, children, ...props }: ComponentProps<typeof Dialog.Content>) {
  return (
    <Dialog.Portal>
      <Dialog.Overlay className={overlayClass} />
      <Dialog.Content className={frameClass} {...props}>
        {title !== undefined && <Dialog.Title className={titleClass}>{title}</Dialog.Title>}
        {children}
      </Dialog.Content>
    </Dialog.Portal>
  );
}

/** The way out, and the button that does it; in a form it submits unless `run` is given. */
export function DialogFooter({
  confirm,
  disabled,
  run,
}: {
  confirm: string;
  disabled: boolean;
  run?: () => void;
}) {
  return (
    <div className={footerClass}>
      <Dialog.Close asChild>
        <Button>Cancel</Button>
      </Dialog.Close>
      <Button type={run ? 'button' : 'submit'} variant="primary" disabled={disabled} onClick={run}>
        {confirm}
      </Button>
    </div>
  );
}

export interface ConfirmFrameProps {
  title: string;
  /** What the button that does it says. */
  confirm: string;
  run: () => void;
  /** What is lost, and what is not. */
  children: ReactNode;
}

/** Inside an `AlertDialog.Root`. */
export function ConfirmFrame({ title, confirm, run, children }: ConfirmFrameProps) {
  return (
    <AlertDialog.Portal>
      <AlertDialog.Overlay className={overlayClass} />
      <AlertDialog.Content className={frameClass}>
        <AlertDialog.Title className={titleClass}>{title}</AlertDialog.Title>
        <AlertDialog.Description className="mt-1 text-ink-2">{children}</AlertDialog.Description>
        <div className={footerClass}>
          <AlertDialog.Cancel asChild>
            <Button>Cancel</Button>
          </AlertDialog.Cancel>
          <AlertDialog.Action asChild>
            <Button variant="danger" onClick={run}>
              {confirm}
            </Button>
          </AlertDialog.Action>
        </div>
      </AlertDialog.Content>
    </AlertDialog.Portal>
  );
}
