'use client';
/** The menu of what can be broken, at the pointer or at what has the focus; one for the whole panel. */
import { DropdownMenu } from 'radix-ui';
import { Fragment, useMemo } from 'react';
import { useStore } from 'zustand';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { menuClass, menuItemClass, menuLabelClass } from '../ui/menu.ts';
import { faultStoreOf, sendFault } from './fault-store.ts';
import { type FaultFacts, type FaultItem, faultItems, targetTitle } from './fault-target.ts';

const NOTHING: FaultFacts = {
  stages: new Map(),
  executors: new Map(),
  cached: new Map(),
  faults: new Map(),
};

export function FaultMenu() {
  const session = useSession();
  const store = faultStoreOf(session);
  const menu = useStore(store, (state) => state.menu);
  const facts = useSessionState(({ view }) => (menu ? (view ?? NOTHING) : NOTHING));
  const groups = useMemo(() => (menu ? faultItems(menu.target, facts) : []), [menu, facts]);
  if (!menu) return null;
  const { x, y, from } = menu.place;
  const run = (item: FaultItem) => {
    if (item.act === 'ask') store.setState({ form: { form: item.form, from } });
    else if (item.act === 'clear') void sendFault(session, { type: 'clearFaults' });
    else void sendFault(session, { type: 'injectFault', fault: item.fault });
  };
  return (
    <DropdownMenu.Root
      key={`${x} ${y}`}
      open
      modal={false}
      onOpenChange={(open) => !open && store.setState({ menu: undefined })}
    >
      {/* What the menu hangs on: a point, nothing to see or to reach. */}
      <DropdownMenu.Trigger asChild>
        <span
          aria-hidden="true"
          style={{ left: x, top: y }}
          className="pointer-events-none fixed size-0"
          tabIndex={-1}
        />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={2}
          collisionPadding={8}
          aria-label={`Break ${targetTitle(menu.target)}`}
          aria-labelledby={undefined}
          className={menuClass}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // A form takes the focus by itself, and gives it back when it is done.
            if (!store.getState().form) from?.focus({ preventScroll: true });
          }}
        >
          <DropdownMenu.Label className={menuLabelClass}>{targetTitle(menu.target)}</DropdownMenu.Label>
          {groups.length === 0 && (
            <DropdownMenu.Item disabled className={menuItemClass}>
              Nothing here can be broken
            </DropdownMenu.Item>
          )}
          {groups.map((items, index) => (
            <Fragment key={items[0]!.label}>
              {index > 0 && <DropdownMenu.Separator className="my-1 h-px bg-line" />}
              {items.map((item) => (
                <DropdownMenu.Item key={item.label} className={menuItemClass} onSelect={() => run(item)}>
                  {item.label}
                </DropdownMenu.Item>
              ))}
            </Fragment>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
