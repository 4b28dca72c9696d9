/** `npm run -s soak`. */
import { ensureInstalled, runTypeScript } from './launch.mjs';

ensureInstalled();
runTypeScript('bench/soak.ts', process.argv.slice(2));
