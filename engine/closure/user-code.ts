/** Which files are the user's: not this program's, not a package, not Node. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOME = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const OWN = ['engine', 'cli', 'server', 'app', 'components', 'scripts', 'server.ts'].map(
  (each) => `${HOME}/${each}`,
);

/** Tests are users of the engine that live beside it. */
const TEST = /\.(test|spec)\.[mc]?[jt]sx?$/;

export function isUserFile(script: string): boolean {
  let path = script.replace(/\?.*$/, '');
  if (path.startsWith('file:')) path = fileURLToPath(path);
  if (!path.startsWith('/')) return false;
  if (/[\\/]node_modules[\\/]/.test(path)) return false;
  return TEST.test(path) || !OWN.some((own) => path === own || path.startsWith(`${own}/`));
}
