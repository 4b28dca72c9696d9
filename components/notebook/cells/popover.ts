/** How popovers look. */

export const popoverClass =
  'z-50 w-[min(400px,calc(100vw-16px))] rounded-lg border border-line bg-surface p-3 text-sm text-ink shadow-pop';
