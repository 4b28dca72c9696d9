/** Where the declarations of a package's entry may lie, from its package.json: candidates, the likelier first. */

export interface PackageManifest {
  types?: unknown;
  typings?: unknown;
  main?: unknown;
  module?: unknown;
  exports?: unknown;
  typesVersions?: unknown;
}

const DECLARATION = /\.d\.[cm]?ts$/;

/** The declaration files that may stand for a module written as `path`. */
export function declarationsFor(path: string): string[] {
  if (DECLARATION.test(path)) return [path];
  const script = /^(.*)\.([cm]?)[jt]sx?$/.exec(path);
  if (script) return [`${script[1]}.d.${script[2]}ts`, `${path}.d.ts`];
  const asked = path === '' || path.endsWith('/') ? [] : [`${path}.d.ts`, `${path}.d.mts`, `${path}.d.cts`];
  return [...asked, `${path.replace(/\/$/, '')}/index.d.ts`, `${path.replace(/\/$/, '')}/index.d.mts`];
}

/** Every file that some condition leads to; `types` first where it is told apart. */
function targets(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry];
  if (Array.isArray(entry)) return entry.flatMap(targets);
  if (typeof entry !== 'object' || entry === null) return [];
  const conditions = Object.entries(entry);
  const isTypes = ([name]: [string, unknown]) => name === 'types' || name.startsWith('types@');
  return [...conditions.filter(isTypes), ...conditions.filter((each) => !isTypes(each))].flatMap(
    ([, value]) => targets(value),
  );
}

function fromExports(exports: unknown, subpath: string): string[] | undefined {
  if (exports === undefined || exports === null) return undefined;
  const isMap =
    typeof exports === 'object' &&
    !Array.isArray(exports) &&
    Object.keys(exports).some((key) => key.startsWith('.'));
  if (!isMap) return subpath === '.' ? targets(exports) : [];
  const map = exports as Record<string, unknown>;
  if (Object.hasOwn(map, subpath)) return targets(map[subpath]);
  for (const [pattern, value] of Object.entries(map)) {
    const star = pattern.indexOf('*');
    if (star < 0) continue;
    const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
    if (!subpath.startsWith(head) || !subpath.endsWith(tail) || subpath.length < head.length + tail.length)
      continue;
    const match = subpath.slice(head.length, subpath.length - tail.length);
    return targets(value).map((target) => target.replaceAll('*', match));
  }
  return [];
}

/** Candidates relative to the package's folder for `subpath`: `.` or `./part`. */
export function entryDeclarations(manifest: PackageManifest, subpath: string): string[] {
  const written = fromExports(manifest.exports, subpath);
  const named =
    subpath === '.' ? [manifest.types, manifest.typings, manifest.module, manifest.main] : [subpath];
  const plain = named.filter((each): each is string => typeof each === 'string');
  const found = [...(written ?? []), ...plain, ...(subpath === '.' ? ['index'] : [])];
  const clean = found.map((each) => each.replace(/^\.\//, ''));
  return [...new Set(clean.flatMap(declarationsFor))];
}

/** `a`, `./b` of `a/b`; `@s/a`, `.` of `@s/a`. Undefined for what names no package. */
export function splitSpecifier(specifier: string): { name: string; subpath: string } | undefined {
  const match = /^((?:@[\w.~-]+\/)?[\w~-][\w.~-]*)(\/.+)?$/.exec(specifier);
  return match ? { name: match[1]!, subpath: match[2] ? `.${match[2]}` : '.' } : undefined;
}

export const typesPackage = (name: string): string =>
  `@types/${name.startsWith('@') ? name.slice(1).replace('/', '__') : name}`;
