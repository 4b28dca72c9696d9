'use client';
/** A button that opens a list about something, with its heading, beside the button. */
import { Popover } from 'radix-ui';
import type { ComponentProps, ReactElement, ReactNode } from 'react';

export interface ListPopoverProps extends ComponentProps<typeof Popover.Root> {
  /** The button. */
  trigger: ReactElement;
  title: string;
  align?: 'start' | 'end';
  children: ReactNode;
}

export function ListPopover({ trigger, title, align = 'end', children, ...root }: ListPopoverProps) {
  return (
    <Popover.Root {...root}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-[min(400px,calc(100vw-16px))] rounded-lg border border-line bg-surface p-3 text-ink text-sm shadow-pop"
        >
          <h2 className="font-semibold">{title}</h2>
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
