/** The way from the notebook folder to the folder shown, each step a link. */
import Link from 'next/link';
import { folderHref } from './file-hrefs.ts';

export function FileCrumbs({ folder }: { folder: string }) {
  const parts = folder.split('/');
  return (
    <nav aria-label="Folder" className="min-w-0 text-ink-2">
      <ol className="flex flex-wrap items-center gap-x-1.5">
        <li>
          <Link href={folderHref('')} className="rounded-sm hover:text-ink hover:underline">
            Notebooks
          </Link>
        </li>
        {parts.map((part, index) => {
          const path = parts.slice(0, index + 1).join('/');
          const isLast = index === parts.length - 1;
          return (
            <li key={path} className="flex min-w-0 items-center gap-1.5">
              <span aria-hidden="true">/</span>
              {isLast ? (
                <span aria-current="page" className="[overflow-wrap:anywhere]">
                  {part}
                </span>
              ) : (
                <Link href={folderHref(path)} className="rounded-sm hover:text-ink hover:underline">
                  {part}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
