/** `/notebook?path=…`: one notebook. */
import type { Metadata } from 'next';
import { NotebookPage } from '../../components/notebook/notebook-page.tsx';

type Search = { searchParams: Promise<{ path?: string | string[] }> };

function pathOf(path: string | string[] | undefined): string {
  return (Array.isArray(path) ? path[0] : path) ?? '';
}

export async function generateMetadata({ searchParams }: Search): Promise<Metadata> {
  return {
    title:
      pathOf((await searchParams).path)
        .split('/')
        .at(-1) || 'Notebook',
  };
}

export default async function Page({ searchParams }: Search) {
  const path = pathOf((await searchParams).path);
  return <NotebookPage key={path} path={path} />;
}
