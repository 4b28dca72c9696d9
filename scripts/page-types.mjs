/**
 * Writes `public/types/stagelight.json`: the declarations behind `sc`, `display` and the other names of a cell, with
 * their comments, and Node's own, for the page's type service. Made from the real sources; runs without dependencies
 * but the compiler.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, '.cache', `page-types-${process.pid}`);
const GLOBALS = 'engine/globals.d.ts';
/** Declaration packages that ship with the page; a notebook's folder may have its own. */
const PACKAGES = ['@types/node', 'undici-types'];
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(["'])(\.{1,2}\/[^"']+)\1/g;

const slashed = (path) => path.split(sep).join('/');

function compile() {
  mkdirSync(build, { recursive: true });
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      noEmit: false,
      incremental: false,
      declaration: true,
      emitDeclarationOnly: true,
      allowJs: false,
      outDir: 'out',
      rootDir: '../..',
      plugins: [],
    },
    files: [`../../${GLOBALS}`],
    include: [],
  };
  writeFileSync(join(build, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', build], {
    cwd: root,
    encoding: 'utf8',
  });
  // The declarations of sources with an error are written all the same; the check of types is another step.
  if (!existsSync(join(build, 'out'))) throw new Error(`tsc ended with ${status}:\n${stdout}${stderr}`);
}

/** The declarations that the globals reach, by their path in the repository. */
function reachable() {
  const files = {};
  const visit = (path) => {
    if (path in files) return;
    const isDeclaration = path.endsWith('.d.ts');
    const written = isDeclaration ? join(root, path) : join(build, 'out', path.replace(/\.ts$/, '.d.ts'));
    const text = readFileSync(written, 'utf8');
    files[path] = text;
    for (const [, , specifier] of text.matchAll(IMPORT))
      visit(slashed(relative(root, resolve(root, dirname(path), specifier))));
  };
  visit(GLOBALS);
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path.replace(/(?<!\.d)\.ts$/, '.d.ts'), text]),
  );
}

/** Declarations of a package. Comments stay: they are what hovering shows. */
function packageFiles(name) {
  const folder = join(root, 'node_modules', name);
  const files = {};
  for (const entry of readdirSync(folder, { recursive: true })) {
    // Folders for older compilers.
    if (!/(\.d\.[cm]?ts|package\.json)$/.test(entry) || /^ts\d/.test(entry)) continue;
    const text = readFileSync(join(folder, entry), 'utf8');
    const { types = 'index.d.ts' } = entry === 'package.json' ? JSON.parse(text) : {};
    files[`node_modules/${name}/${slashed(entry)}`] =
      entry === 'package.json' ? JSON.stringify({ name, types }) : text;
  }
  return files;
}

/** @returns {{ globals: string, files: Record<string, string> }} */
export function pageTypes() {
  compile();
  try {
    return {
      globals: GLOBALS,
      files: { ...reachable(), ...Object.assign({}, ...PACKAGES.map(packageFiles)) },
    };
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(root, 'public', 'types');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'stagelight.json'), JSON.stringify(pageTypes()));
}
