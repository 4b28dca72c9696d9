/** `npm start`: installs, builds the page if needed, serves. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root, runTypeScript, SERVER_FLAGS } from './launch.mjs';

const args = process.argv.slice(2);
ensureInstalled();
if (!args.includes('--help')) ensureBuilt();
// A clone is no place for notebooks: they get a folder of their own, unless one is named.
const named =
  process.env.STAGELIGHT_ROOT || args.some((arg) => arg === '--root' || arg.startsWith('--root='));
const workspace = join(root, 'workspace');
if (!named) mkdirSync(workspace, { recursive: true });
runTypeScript('cli/main.ts', ['serve', ...(named ? [] : ['--root', workspace]), ...args], SERVER_FLAGS);
