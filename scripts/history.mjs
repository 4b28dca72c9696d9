/** `npm run -s history`: the `stagelight history` command on a clone. */
import { ensureInstalled, runTypeScript } from './launch.mjs';

ensureInstalled();
runTypeScript('cli/main.ts', ['history', ...process.argv.slice(2)]);
