/** The address of a notebook's page. */
export function notebookHref(path: string): string {
  return `/notebook?path=${encodeURIComponent(path)}`;
}
