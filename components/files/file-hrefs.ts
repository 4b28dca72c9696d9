/** The addresses of folders, of the bin, of downloads and of places in files. */

export function folderHref(folder: string): string {
  return folder === '' ? '/' : `/?folder=${encodeURIComponent(folder)}`;
}

export const BIN_HREF = '/?view=bin';

export function downloadHref(path: string, format?: 'ipynb' | 'html' | 'ts'): string {
  return `/download?path=${encodeURIComponent(path)}${format ? `&as=${format}` : ''}`;
}

/** `file`: a path of the served folder, or an absolute one below it. */
export function sourceHref(file: string, line: number, column: number): string {
  return `/file?path=${encodeURIComponent(file)}&line=${line}&column=${column}`;
}
