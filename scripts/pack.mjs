/** `npm pack` runs this first: the page is built, and JavaScript with types is written to dist, because Node strips no types under node_modules. */
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, ensureBuilt, ensureInstalled, nodePath, root } from './launch.mjs';

ensureInstalled();
ensureBuilt();
rmSync(join(root, 'dist'), { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(nodePath(), [tsc, '-p', join(root, 'tsconfig.pack.json')], {
  cwd: root,
  stdio: ['ignore', 2, 2],
  env: childEnvironment(),
});
if (status === 0) chmodSync(join(root, 'dist', 'cli', 'main.js'), 0o755);
process.exit(status ?? 1);
