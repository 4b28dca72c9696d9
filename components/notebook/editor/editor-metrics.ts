/** The measures that an editor and the text standing in its place share. */
export const LINE_HEIGHT = 20;
export const CODE_PADDING = 8;
export const FONT_SIZE = 13;
/** Between the cell's edge and its text: glyphs (one line height wide), folds and line decorations. */
export const LINE_DECORATIONS = 4;
/** Digits that line numbers have room for. */
export const NUMBER_DIGITS = 3;
