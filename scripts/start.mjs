/** `npm start`: installs, builds the page if needed, serves. */
import { ensureBuilt, ensureInstalled, runTypeScript } from './launch.mjs';

const args = process.argv.slice(2);
ensureInstalled();
if (!args.includes('--help')) ensureBuilt();
runTypeScript('cli/main.ts', ['serve', ...args]);
