/**
 * `npm pack` runs this first. All that is published lies in `dist`: JavaScript with types, because Node strips no types
 * under node_modules, and beside it the built page, the static files and the demos, as in a clone. Nothing in it names
 * a folder of the machine that made it.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { childEnvironment, ensureBuilt, ensureInstalled, nodePath, root } from './launch.mjs';

const dist = join(root, 'dist');
/** What only the build reads. */
const BUILD_ONLY =
  /^(build|cache|dev|diagnostics|trace|trace-build|turbopack|types)(\/|$)|\.map$|\.nft\.json$|^\.stagelight-stamp$/;

function compile() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(nodePath(), [tsc, '-p', join(root, 'tsconfig.pack.json')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: childEnvironment(),
  });
  if (status !== 0) process.exit(status ?? 1);
  chmodSync(join(dist, 'cli', 'main.js'), 0o755);
  // The compiler reads declarations and writes none of them.
  copyFileSync(join(root, 'engine', 'globals.d.ts'), join(dist, 'engine', 'globals.d.ts'));
}

function copyPage() {
  const page = join(root, '.next');
  const isServed = (path) => !BUILD_ONLY.test(relative(page, path).replaceAll(sep, '/'));
  cpSync(page, join(dist, '.next'), { recursive: true, filter: isServed });
  for (const folder of ['public', 'notebooks']) {
    const isPlain = (path) => !path.includes(`${sep}.stagelight`);
    if (existsSync(join(root, folder)))
      cpSync(join(root, folder), join(dist, folder), { recursive: true, filter: isPlain });
  }
}

/** Next notes the folder it built in. What serves the page asks for the note, but not for that folder. */
function forgetFolder() {
  const inJson = (path) => JSON.stringify(path).slice(1, -1);
  for (const name of ['required-server-files.json', 'required-server-files.js']) {
    const file = join(dist, '.next', name);
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replaceAll(`"${inJson(root)}"`, '"."').replaceAll(`"${inJson(`${root}${sep}`)}`, '"./'),
    );
  }
}

ensureInstalled();
ensureBuilt();
rmSync(dist, { recursive: true, force: true });
compile();
copyPage();
forgetFolder();
