/** The bar above a page that is no notebook: the way home, and what the page offers. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Mark } from './mark.tsx';

/** Of the links in it. */
export const headerLinkClass =
  'inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink aria-[current]:bg-hover';

/** `crowded`: a narrow window has no room for the name. */
export function PageHeader({ children, crowded = false }: { children: ReactNode; crowded?: boolean }) {
  return (
    <header className="flex h-11 items-center gap-3 border-line border-b bg-surface px-3 sm:px-4">
      <Link href="/" aria-label="All notebooks" className="flex items-center gap-3 rounded-md">
        <Mark />
        <span className={`font-semibold ${crowded ? 'hidden sm:inline' : ''}`}>Stagelight</span>
      </Link>
      <span className="flex-1" />
      {children}
    </header>
  );
}
