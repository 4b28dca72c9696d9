/** The order of a folder's list: folders first, then by name as people count, or by date. Pure. */
import type { FileEntry } from '../../engine/files-protocol.ts';

export interface FileSort {
  by: 'name' | 'date';
  descending: boolean;
}

const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function sortEntries(entries: readonly FileEntry[], { by, descending }: FileSort): FileEntry[] {
  const sign = descending ? -1 : 1;
  const byName = (a: FileEntry, b: FileEntry) => names.compare(a.name, b.name) || (a.name < b.name ? -1 : 1);
  return [...entries].sort((a, b) => {
    if ((a.kind === 'folder') !== (b.kind === 'folder')) return a.kind === 'folder' ? -1 : 1;
    if (by === 'date' && a.modifiedAt !== b.modifiedAt) return sign * (a.modifiedAt - b.modifiedAt);
    return by === 'name' ? sign * byName(a, b) : byName(a, b);
  });
}

/** A click on a column: the other way round, or the column with what one wants first on top. */
export function nextSort(sort: FileSort, by: FileSort['by']): FileSort {
  return sort.by === by ? { by, descending: !sort.descending } : { by, descending: by === 'date' };
}
