/** `/file?path=…&line=…&column=…`: the text of one file, at a line. */
import type { Metadata } from 'next';
import { SourcePage } from '../../components/files/source-page.tsx';

type Query = Record<'path' | 'line' | 'column', string | string[] | undefined>;
type Search = { searchParams: Promise<Partial<Query>> };

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value) ?? '';

/** A place in a file, counted from 1; 0 for what is none. */
function place(value: string | string[] | undefined): number {
  const given = Number(first(value));
  return Number.isSafeInteger(given) && given > 0 ? given : 0;
}

export async function generateMetadata({ searchParams }: Search): Promise<Metadata> {
  return {
    title:
      first((await searchParams).path)
        .split('/')
        .at(-1) || 'File',
  };
}

export default async function Page({ searchParams }: Search) {
  const { path, line, column } = await searchParams;
  const file = first(path);
  return <SourcePage key={file} file={file} line={place(line)} column={place(column)} />;
}
