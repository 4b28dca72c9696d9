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

export function ThemeToggle() {
  const [choice, choose] = useThemeChoice();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button variant="quiet" aria-label="Theme" title="Theme">
          <Icon name="theme" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} className={menuClass}>
          <DropdownMenu.RadioGroup value={choice} onValueChange={(value) => choose(value as ThemeChoice)}>
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
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
