'use client';
/** The demos as cards, in the order in which they are worth reading. */
import Link from 'next/link';
import type { NotebookListing } from '../../engine/files-protocol.ts';
import { Icon } from '../ui/icon.tsx';
import { notebookHref } from './notebook-href.ts';

function Card({ demo, first }: { demo: NotebookListing; first: boolean }) {
  return (
    <li
      title={demo.path}
      className={`relative flex gap-3 rounded-lg border bg-surface px-4 py-3 transition-colors hover:border-line-strong hover:bg-raised ${
        first ? 'border-accent sm:col-span-2' : 'border-line'
      }`}
    >
      <Icon name="notebook" className="mt-0.5 text-accent" />
      <div className="min-w-0 flex-1">
        <Link
          href={notebookHref(demo.path)}
          className="font-medium text-base after:absolute after:inset-0 after:rounded-lg after:content-['']"
        >
          {demo.title}
        </Link>
        {demo.description && <p className="mt-0.5 text-ink-2">{demo.description}</p>}
      </div>
      {first && (
        <span className="h-5 shrink-0 self-start whitespace-nowrap rounded-sm bg-accent-soft px-2 font-medium text-accent text-xs leading-5">
          Start here
        </span>
      )}
    </li>
  );
}

/** `welcome`: whoever has no notebooks yet is told where to begin. */
export function DemoList({ demos, welcome }: { demos: NotebookListing[]; welcome: boolean }) {
  return (
    <section aria-labelledby="demos" className={welcome ? 'mb-10' : 'mt-10'}>
      <h2 id="demos" className="mb-2 font-semibold text-lg">
        Demos
      </h2>
      {welcome && (
        <p className="mb-3 text-ink-2">
          New here? Open <strong className="font-semibold text-ink">{demos[0]?.title}</strong>, press{' '}
          <strong className="font-semibold text-ink">Run all</strong>, and watch its stages run. A demo is
          copied into your folder: change it as you like.
        </p>
      )}
      <ul className="grid gap-2 sm:grid-cols-2">
        {demos.map((demo, index) => (
          <Card key={demo.path} demo={demo} first={welcome && index === 0} />
        ))}
      </ul>
    </section>
  );
}
