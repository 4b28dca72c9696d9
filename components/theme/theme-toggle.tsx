'use client';
/** Light, dark, or as the system says. */
import { DropdownMenu } from 'radix-ui';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { menuClass, menuItemClass } from '../ui/menu.ts';
import { Glyph } from '../ui/state-glyph.tsx';
import { type ThemeChoice, useThemeChoice } from './use-theme.ts';

const CHOICES: { value: ThemeChoice; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

/** The choices, for a menu. */
export function ThemeItems() {
  const [choice, choose] = useThemeChoice();
  return (
    <DropdownMenu.RadioGroup
      aria-label="Theme"
      value={choice}
      onValueChange={(value) => choose(value as ThemeChoice)}
    >
      {CHOICES.map(({ value, label }) => (
        <DropdownMenu.RadioItem key={value} value={value} className={menuItemClass}>
          <span className="w-4">
            <DropdownMenu.ItemIndicator>
              <Glyph name="check" />
            </DropdownMenu.ItemIndicator>
          </span>
          {label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export function ThemeToggle() {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button variant="quiet" className="px-1.5" aria-label="Theme" title="Theme">
          <Icon name="theme" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} className={menuClass}>
          <ThemeItems />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
