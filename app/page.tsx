/** `/`: notebooks and demos; `/?folder=a/b`: a folder; `/?view=bin`: what was deleted. */
import { HomePage } from '../components/home/home-page.tsx';

type Search = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function Page({ searchParams }: Search) {
  const { folder, view } = await searchParams;
  return (
    <HomePage folder={typeof folder === 'string' ? folder : ''} view={view === 'bin' ? 'bin' : 'files'} />
  );
}
