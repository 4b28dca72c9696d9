/** The measures that an editor and the text standing in its place share. */
export const LINE_HEIGHT = 20;
export const CODE_PADDING = 8;
/** An editor draws each line it shows, some of its work for each of them with all lines: more than these scroll. */
const MOST_LINES = 1000;
/** What is shown of a text that scrolls by itself, lines. */
const SCROLLED_LINES = 30;
export const FONT_SIZE = 13;
/** Between the cell's edge and its text: glyphs (one line height wide), folds and line decorations. */
export const LINE_DECORATIONS = 4;
/** Digits that line numbers have room for. */
export const NUMBER_DIGITS = 3;

const heightOfLines = (lines: number) => lines * LINE_HEIGHT + 2 * CODE_PADDING;

/** How high a cell shows a text of this height, pixels: as high as it is, or a window onto a very long one. */
export function shownHeight(height: number): number {
  return height > heightOfLines(MOST_LINES) ? heightOfLines(SCROLLED_LINES) : height;
}

/** The same of a text whose lines do not wrap. */
export function shownHeightOf(text: string): number {
  return shownHeight(heightOfLines(text.split('\n').length));
}
