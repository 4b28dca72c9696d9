'use client';
/** Out, in, and all of it: the buttons beside a drawing that can be zoomed. */
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

interface ZoomControlsProps {
  /** As the buttons call the drawing: "timeline". */
  of: string;
  /** The third button's name: "Show the whole timeline". */
  wholeLabel: string;
  canZoomIn?: boolean;
  canZoomOut?: boolean;
  onZoom(direction: 'in' | 'out'): void;
  onWhole(): void;
}

export function ZoomControls({
  of,
  wholeLabel,
  canZoomIn = true,
  canZoomOut = true,
  onZoom,
  onWhole,
}: ZoomControlsProps) {
  const buttons = [
    { label: `Zoom out of the ${of}`, icon: 'minus', enabled: canZoomOut, act: () => onZoom('out') },
    { label: `Zoom into the ${of}`, icon: 'plus', enabled: canZoomIn, act: () => onZoom('in') },
    { label: wholeLabel, icon: 'fit', enabled: canZoomOut, act: onWhole },
  ] as const;
  return buttons.map(({ label, icon, enabled, act }) => (
    <Button key={label} variant="quiet" size="sm" aria-label={label} disabled={!enabled} onClick={act}>
      <Icon name={icon} />
    </Button>
  ));
}
