/** `npm run -s bench`. */
import { ensureInstalled, runTypeScript } from './launch.mjs';

ensureInstalled();
runTypeScript('bench/bench.ts', process.argv.slice(2));
