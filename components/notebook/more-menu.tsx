'use client';
/** The rarer actions of the whole notebook, in one menu at the end of the bar; each says its key. */
import { DropdownMenu } from 'radix-ui';
import { useRef } from 'react';
import { ThemeItems } from '../theme/theme-toggle.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { menuClass, menuItemClass, menuLabelClass } from '../ui/menu.ts';
import { isMac, keysText } from './command-keys.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';
import { useRunCommand } from './use-notebook-keys.ts';

const GROUPS: readonly (readonly string[])[] = [
  ['find', 'replace'],
  ['palette', 'keys'],
  ['variables', 'line-numbers', 'save'],
];

const entries = (ids: readonly string[]) =>
  ids.flatMap((id) => COMMANDS.filter((command) => command.id === id));

export function MoreMenu() {
  const run = useRunCommand();
  const mac = isMac();
  const chosen = useRef<CommandEntry>(undefined);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button
          variant="quiet"
          className="px-1.5"
          aria-label="More"
          title="More: find, command palette, keyboard shortcuts, theme"
        >
          <Icon name="more" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className={menuClass}
          onCloseAutoFocus={(event) => {
            const command = chosen.current;
            if (!command) return;
            // What is opened now takes the focus; the menu must not take it back.
            event.preventDefault();
            chosen.current = undefined;
            run(command);
          }}
        >
          {GROUPS.map((ids) => (
            <DropdownMenu.Group key={ids[0]} className="mb-1 border-line border-b pb-1">
              {entries(ids).map((command) => (
                <DropdownMenu.Item
                  key={command.id}
                  className={`${menuItemClass} justify-between`}
                  onSelect={() => {
                    chosen.current = command;
                  }}
                >
                  {command.title}
                  {command.keys?.[0] && (
                    <kbd className="ml-6 text-ink-3 text-xs">{keysText(command.keys[0].keys, mac)}</kbd>
                  )}
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Group>
          ))}
          <DropdownMenu.Label className={menuLabelClass}>Theme</DropdownMenu.Label>
          <ThemeItems />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
