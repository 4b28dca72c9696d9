/** The icons, drawn on one 16 px grid with one stroke. Always beside a name, or inside a named control. */

const PATHS = {
  run: 'M5 3.5v9l7-4.5z',
  runAll: 'M3 3.5v9l5.5-4.5zM8.5 3.5v9L14 8z',
  stop: 'M4.5 4.5h7v7h-7z',
  restart: 'M12.5 8a4.5 4.5 0 1 1-1.4-3.3M12.5 2.5v3h-3',
  up: 'M8 12.5v-9M4.5 7 8 3.5 11.5 7',
  down: 'M8 3.5v9M4.5 9 8 12.5 11.5 9',
  insertAbove: 'M3 13h10v-3H3zM8 7V2M5.5 4.5h5',
  insertBelow: 'M3 3h10v3H3zM8 9v5M5.5 11.5h5',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9',
  clear: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3.5v9M3.5 8h9',
  code: 'M6 4.5 2.5 8 6 11.5M10 4.5 13.5 8 10 11.5',
  text: 'M3 4h10M3 8h10M3 12h6',
  edit: 'M3 13l.6-2.8 7-7 2.2 2.2-7 7z',
  theme: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
  panel: 'M2.5 3.5h11v9h-11zM9.5 3.5v9',
  chevron: 'M6 4l4 4-4 4',
  notebook: 'M4 2.5h8.5v11H4zM4 5.5H2.5M4 8H2.5M4 10.5H2.5M7 5.5h3',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6',
  folder: 'M2.5 12.5v-9h4l1.5 2h5.5v7z',
  file: 'M4 2.5h5l3 3v8H4zM9 2.5v3h3',
  upload: 'M8 10.5v-8M5 5.5l3-3 3 3M3 10.5v3h10v-3',
  more: 'M3 8h.8M7.6 8h.8M12.2 8h.8',
  fit: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  undo: 'M6 3.5 3 6.5l3 3M3 6.5h6.5a3.2 3.2 0 0 1 0 6.4H6',
  redo: 'M10 3.5l3 3-3 3M13 6.5H6.5a3.2 3.2 0 0 0 0 6.4H10',
  stale: 'M8 2.5a5.5 5.5 0 1 1-3.9 1.6M8 5v3.2l2 1.3M4.1 1.6v2.5h2.5',
  queue: 'M3 4h10M3 8h7M3 12h4M13 9.5v4M11 11.5l2 2 2-2',
  grip: 'M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01',
  command: 'M3 4.5 6.5 8 3 11.5M8 12h5',
  minus: 'M3.5 8h9',
  break: 'M9.5 2 4.5 8.5h3L6.5 14l5-6.5h-3z',
  keyboard: 'M2 4.5h12v7H2zM4.5 7h.01M7 7h.01M9.5 7h.01M12 7h.01M5 9.5h6',
} as const;

export type IconName = keyof typeof PATHS;

const FILLED = new Set<IconName>(['run', 'runAll', 'stop']);

export function Icon({ name, className = '' }: { name: IconName; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      className={`size-4 shrink-0 ${className}`}
      fill={FILLED.has(name) ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
