/**
 * The declarations behind the imports of a notebook: those that packages ship (or `@types` has), and the user's own
 * relative modules, each with what it imports in turn. Reads only such files, only under the notebooks' folder or a
 * `node_modules`, and only so many.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { PackageTypes } from '../engine/viewer-protocol.ts';
import { declarationsFor, entryDeclarations, splitSpecifier, typesPackage } from './package-entry.ts';

export interface PackageTypesLimits {
  files: number;
  bytes: number;
  fileBytes: number;
}

const PACKAGE_TYPES_LIMITS: PackageTypesLimits = {
  files: 1500,
  bytes: 6_000_000,
  fileBytes: 1_500_000,
};

/** A file as TypeScript will see it, and where it lies. */
interface Place {
  logical: string;
  real: string;
}

const IMPORT =
  /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*|<reference\s+(path|types)\s*=\s*)(["'])([^"'\n]+)\2/g;
const SCRIPT = /\.[cm]?[jt]sx?$/;

export class PackageTypesReader {
  readonly #root: string;
  readonly #folder: string;
  readonly #limits: PackageTypesLimits;
  readonly #files = new Map<string, string>();
  #realRoot = '';
  #bytes = 0;
  #limited = false;

  /** `root` is the folder of all notebooks, `folder` the one of this notebook. */
  constructor(root: string, folder: string, limits = PACKAGE_TYPES_LIMITS) {
    this.#root = root;
    this.#folder = folder;
    this.#limits = limits;
  }

  async read(specifiers: readonly string[]): Promise<PackageTypes> {
    this.#realRoot = await realpath(this.#root);
    const from: Place = {
      logical: join(this.#folder, 'cell.ts'),
      real: join(await realpath(this.#folder), 'cell.ts'),
    };
    const missing: string[] = [];
    for (const specifier of specifiers) if (!(await this.#follow(specifier, from))) missing.push(specifier);
    const files = [...this.#files].map(([path, text]) => ({
      path: relative(this.#folder, path).split(sep).join('/'),
      text,
    }));
    return { files, missing, limited: this.#limited };
  }

  /** Takes the declarations that `specifier` leads to; false when nothing is there that could be imported. */
  async #follow(specifier: string, from: Place): Promise<boolean> {
    if (/^\.{1,2}(\/|$)/.test(specifier)) return this.#followRelative(specifier, from);
    if (isBuiltin(specifier) || /^(\/|[a-z]+:)/i.test(specifier) || specifier.startsWith('#')) return true;
    const parts = splitSpecifier(specifier);
    if (!parts) return true;
    const own = await this.#findPackage(parts.name, from);
    if (own && (await this.#takeEntry(own, parts.subpath))) return true;
    const types = await this.#findPackage(typesPackage(parts.name), from);
    if (types) await this.#takeEntry(types, parts.subpath);
    return own !== undefined || types !== undefined;
  }

  async #followRelative(specifier: string, from: Place): Promise<boolean> {
    const at = (base: string) => resolve(dirname(base), specifier);
    const place = { logical: at(from.logical), real: at(from.real) };
    const written = SCRIPT.test(specifier) || specifier.endsWith('.json');
    const exact = written ? [''] : [];
    const declared = declarationsFor(specifier).map((each) => resolve(dirname(from.logical), each));
    const besides = declared.map((each) => relative(place.logical, each));
    for (const suffix of exact)
      if (await this.#take({ logical: place.logical + suffix, real: place.real + suffix })) return true;
    for (const path of besides) {
      const taken = await this.#take({
        logical: resolve(place.logical, path),
        real: resolve(place.real, path),
      });
      if (taken) return true;
    }
    // Outside of the folder, or of a kind that has no types, it may be there all the same.
    return !(await this.#isAllowed(place.real)) || (await isFile(place.real));
  }

  /** The folder of a package as Node would find it from a file; behind links, its own packages are mounted below it. */
  async #findPackage(name: string, { logical, real }: Place): Promise<Place | undefined> {
    for (const folder of ancestors(dirname(logical))) {
      const path = join(folder, 'node_modules', name);
      const found = await realpath(path).catch(() => undefined);
      if (found) return { logical: path, real: found };
    }
    if (real === logical) return undefined;
    for (const folder of ancestors(dirname(real))) {
      const found = await realpath(join(folder, 'node_modules', name)).catch(() => undefined);
      if (found) return { logical: join(packageFolder(logical), 'node_modules', name), real: found };
    }
    return undefined;
  }

  async #takeEntry(folder: Place, subpath: string): Promise<boolean> {
    const inside = (path: string) => ({ logical: join(folder.logical, path), real: join(folder.real, path) });
    const manifestPlace = inside('package.json');
    const text = await this.#readText(manifestPlace.real);
    let manifest: Record<string, unknown> = {};
    try {
      manifest = JSON.parse(text ?? '{}') as Record<string, unknown>;
    } catch {
      // A broken manifest leaves the usual places.
    }
    const { name, version, type, types, typings, main, module, exports, typesVersions } = manifest;
    for (const path of entryDeclarations(manifest, subpath)) {
      if (!(await this.#take(inside(path)))) continue;
      this.#keep(
        manifestPlace.logical,
        JSON.stringify({ name, version, type, types, typings, main, module, exports, typesVersions }),
      );
      return true;
    }
    return false;
  }

  /** Takes a file and what it imports. False when there is none that may be read. */
  async #take(place: Place): Promise<boolean> {
    if (this.#files.has(place.logical)) return true;
    const inPackage = /[\\/]node_modules[\\/]/.test(place.logical);
    const isWanted = inPackage ? /\.d\.[cm]?ts$/ : /\.([cm]?[jt]sx?|json)$/;
    if (!isWanted.test(place.logical)) return false;
    const text = await this.#readText(place.real);
    if (text === undefined) return false;
    if (!this.#keep(place.logical, text)) return true;
    for (const [, reference, , specifier] of text.matchAll(IMPORT)) {
      const path = reference === 'path' && !specifier!.startsWith('.') ? `./${specifier}` : specifier!;
      await this.#follow(path, place);
    }
    return true;
  }

  #keep(path: string, text: string): boolean {
    const fits = this.#files.size < this.#limits.files && this.#bytes + text.length <= this.#limits.bytes;
    if (fits) {
      this.#files.set(path, text);
      this.#bytes += text.length;
    } else this.#limited = true;
    return fits;
  }

  async #readText(path: string): Promise<string | undefined> {
    const real = await realpath(path).catch(() => undefined);
    if (!real || !(await this.#isAllowed(real))) return undefined;
    const info = await stat(real).catch(() => undefined);
    if (!info?.isFile() || info.size > this.#limits.fileBytes) return undefined;
    return readFile(real, 'utf8').catch(() => undefined);
  }

  /** Under a `node_modules`, or under the notebooks' folder and not hidden. */
  async #isAllowed(path: string): Promise<boolean> {
    if (path.split(sep).includes('node_modules')) return true;
    return (
      path.startsWith(this.#realRoot + sep) &&
      !relative(this.#realRoot, path)
        .split(sep)
        .some((part) => part.startsWith('.'))
    );
  }
}

function* ancestors(folder: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}

/** The folder of the package that a file belongs to. */
function packageFolder(path: string): string {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0] ?? dirname(path);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}
