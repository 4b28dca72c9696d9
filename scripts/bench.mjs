/** `npm run -s bench`. */
import { ensureBuilt, ensureInstalled, runTypeScript } from './launch.mjs';

ensureInstalled();
ensureBuilt();
runTypeScript('bench/bench.ts', process.argv.slice(2));
