/** Where the text cursor of each cell was last, for what is done at the cursor though the keys act on cells. */

const cursors = new Map<string, number>();

export function rememberCursor(cellId: string, offset: number): void {
  cursors.set(cellId, offset);
}

export function cursorOf(cellId: string): number | undefined {
  return cursors.get(cellId);
}
