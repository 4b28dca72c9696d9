/** What server and page say to each other about the files of the served folder. */
import type { ErrorData, KernelStatus } from './protocol.ts';

/** Paths are those of the served folder, with `/`; the folder itself is ``. */
export interface FileEntry {
  path: string;
  name: string;
  kind: 'folder' | 'notebook' | 'file';
  modifiedAt: number;
  /** Bytes; absent for folders. */
  size?: number;
  /** Of a notebook: its first heading and the line below. */
  title?: string;
  description?: string;
}

/** A notebook of the served folder, or a demo that ships with the program. */
export interface NotebookListing {
  path: string;
  title: string;
  description?: string;
  modifiedAt: number;
  demo: boolean;
}

export interface FolderListing {
  folder: string;
  entries: FileEntry[];
  /** How many there are, when not all are shown. */
  total: number;
}

export interface ListingReply extends FolderListing {
  ok: true;
  /** The kernels of open notebooks, by path. */
  kernels: Record<string, KernelStatus>;
  /** How many things lie in the bin. */
  binned: number;
}

/** The text of a file, by its path in the served folder. */
export interface SourceReply {
  ok: true;
  path: string;
  text: string;
}

export interface BinEntry {
  id: string;
  path: string;
  kind: 'folder' | 'file';
  deletedAt: number;
}

export type UploadReply = { ok: true; path: string; converted?: string[] } | { ok: false; error: ErrorData };

/** `a/b.ts` → `a`; a file of the served folder → ``. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
