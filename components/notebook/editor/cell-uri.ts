/**
 * Where the TypeScript service sees the cells: in a folder that stands for the notebook's, deep enough that relative
 * imports may go up.
 */
export const NOTEBOOK_FOLDER = 'file:///up/up/up/up/up/up/up/up/notebook';

const CELL = new RegExp(`^${NOTEBOOK_FOLDER}/cell\\.([A-Za-z0-9_-]{1,64})\\.ts$`);

export const cellUri = (cellId: string): string => `${NOTEBOOK_FOLDER}/cell.${cellId}.ts`;

/** The cell of a file name, if it is one's. */
export const cellIdOf = (uri: string): string | undefined => CELL.exec(uri)?.[1];
