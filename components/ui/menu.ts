/** How drop-down menus look. */

export const menuClass =
  'z-50 min-w-40 rounded-lg border border-line bg-surface p-1 text-sm text-ink shadow-pop';

export const menuItemClass =
  'flex h-7 cursor-pointer select-none items-center gap-2 rounded-sm px-2 outline-none data-[highlighted]:bg-hover data-[disabled]:text-ink-3';

export const menuLabelClass = 'px-2 pt-1 pb-0.5 text-ink-3 text-xs';
