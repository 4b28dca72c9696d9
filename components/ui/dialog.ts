/** How dialogs look. */

export const overlayClass = 'fixed inset-0 z-40 bg-black/40';

export const dialogClass =
  'fixed top-1/4 left-1/2 z-50 max-h-[70vh] w-[calc(100vw-32px)] max-w-md -translate-x-1/2 overflow-auto rounded-lg border border-line bg-surface p-4 shadow-pop';
