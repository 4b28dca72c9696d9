/** Where the program's own files are: in a clone, or in an installed package, where the JavaScript lies in `dist`. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const parent = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder of package.json, with the built page, the demos and the static files. */
export const packageRoot = import.meta.url.endsWith('.ts') ? parent : dirname(parent);

export const demoFolder = join(packageRoot, 'notebooks');
