'use client';
/** The visible way to a menu of faults: for fingers, and for whoever does not try the right mouse button. */
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { placeOf, useFaultMenu } from './fault-context.tsx';
import { type FaultTarget, targetTitle } from './fault-target.ts';

export function FaultButton({ target, text }: { target: FaultTarget; text?: string }) {
  const open = useFaultMenu();
  if (!open) return null;
  const name = targetTitle(target);
  return (
    <Button
      variant="quiet"
      size="sm"
      aria-haspopup="menu"
      aria-label={`Break ${name.charAt(0).toLowerCase()}${name.slice(1)}`}
      title="Break something here, and watch it being repaired"
      className={text ? '' : 'px-0.5 text-ink-3'}
      onClick={(event) => open(target, placeOf(event.currentTarget))}
    >
      <Icon name="break" />
      {text}
    </Button>
  );
}
