/** What the server says about files; see `server/file-calls.ts` and `server/file-transfer.ts`. */
import type { ErrorData, KernelStatus } from '../../engine/protocol.ts';

export interface FileEntry {
  path: string;
  name: string;
  kind: 'folder' | 'notebook' | 'file';
  modifiedAt: number;
  size?: number;
  title?: string;
  description?: string;
}

export interface Listing {
  ok: true;
  folder: string;
  entries: FileEntry[];
  total: number;
  /** The kernels of open notebooks, by path. */
  kernels: Record<string, KernelStatus>;
  /** How many things lie in the bin. */
  binned: number;
}

export interface BinEntry {
  id: string;
  path: string;
  kind: 'folder' | 'file';
  deletedAt: number;
}

export type UploadReply = { ok: true; path: string; converted?: string[] } | { ok: false; error: ErrorData };

export function folderHref(folder: string): string {
  return folder === '' ? '/' : `/?folder=${encodeURIComponent(folder)}`;
}

export const BIN_HREF = '/?view=bin';

export function downloadHref(path: string, format?: 'ipynb' | 'html' | 'ts'): string {
  return `/download?path=${encodeURIComponent(path)}${format ? `&as=${format}` : ''}`;
}

export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
