/** Where the program's own files are. An installed package has the same folders in `dist`, with JavaScript in them. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the built page, the static files and Next's configuration. */
export const programRoot = dirname(dirname(fileURLToPath(import.meta.url)));

export const demoFolder = join(programRoot, 'notebooks');
