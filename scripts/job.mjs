/** `npm run -s job`: the `stagelight run` command on a clone. */
import { ensureInstalled, runTypeScript } from './launch.mjs';

ensureInstalled();
runTypeScript('cli/main.ts', ['run', ...process.argv.slice(2)]);
