/** The addresses of folders, of the bin and of downloads. */

export function folderHref(folder: string): string {
  return folder === '' ? '/' : `/?folder=${encodeURIComponent(folder)}`;
}

export const BIN_HREF = '/?view=bin';

export function downloadHref(path: string, format?: 'ipynb' | 'html' | 'ts'): string {
  return `/download?path=${encodeURIComponent(path)}${format ? `&as=${format}` : ''}`;
}
