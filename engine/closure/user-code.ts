/** Which files are the user's: not this engine, not a package, not Node. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENGINE = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tests are users of the engine that live beside it. */
const TEST = /\.(test|spec)\.[mc]?[jt]sx?$/;

export function isUserFile(script: string): boolean {
  let path = script.replace(/\?.*$/, '');
  if (path.startsWith('file:')) path = fileURLToPath(path);
  if (!path.startsWith('/')) return false;
  if (/[\\/]node_modules[\\/]/.test(path)) return false;
  return TEST.test(path) || !path.startsWith(`${ENGINE}/`);
}
