/** Node's module loading for the user's own modules: functions tagged, and an edited module loaded anew. */
import { readFileSync, statSync } from 'node:fs';
import { type LoadFnOutput, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseSync } from 'oxc-parser';
import { registerScript } from './script-positions.ts';
import { contentHash } from './source-text.ts';
import { tagModule } from './tag-module.ts';
import { isUserFile } from './user-code.ts';

const EXTENSION = /\.[mc]?[jt]s$/;
/** Marks a specifier that is to be resolved from another file than the one that asks. */
const RESOLVE_FROM = 'stagelight-resolve:';

interface KnownModule {
  mtimeMs: number;
  size: number;
  hash: string;
  /** Files of its relative imports. */
  imports: string[];
}

const known = new Map<string, KnownModule>();
let installed = false;

function importedFiles(text: string, file: string): string[] {
  const { module } = parseSync(file, text, { lang: 'ts', sourceType: 'module' });
  const specifiers = [
    ...module.staticImports.map((each) => each.moduleRequest.value),
    ...module.staticExports.flatMap((each) => each.entries.map((entry) => entry.moduleRequest?.value)),
  ];
  const base = pathToFileURL(file);
  return specifiers.flatMap((each) => (each?.startsWith('.') ? [fileURLToPath(new URL(each, base))] : []));
}

function look(file: string): KnownModule | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  const before = known.get(file);
  if (before && before.mtimeMs === stat.mtimeMs && before.size === stat.size) return before;
  const text = readFileSync(file, 'utf8');
  const now = {
    mtimeMs: stat.mtimeMs,
    size: stat.size,
    hash: contentHash(text),
    imports: importedFiles(text, file),
  };
  known.set(file, now);
  return now;
}

/** Changes when the module or anything it imports by path changes. */
function moduleVersion(file: string): string {
  const hashes: string[] = [];
  const seen = new Set([file]);
  for (const each of seen) {
    const module = look(each);
    if (!module) continue;
    hashes.push(module.hash);
    for (const imported of module.imports) if (isUserFile(imported)) seen.add(imported);
  }
  return contentHash(hashes.join()).slice(0, 16);
}

function isOwnModule(url: string): boolean {
  return url.startsWith('file:') && EXTENSION.test(url.replace(/\?.*$/, '')) && isUserFile(url);
}

/** What Node refuses (an enum where no package.json says "module", or a slip) is ours to lower, or to name the place of. */
function loadOwn(url: string, load: () => LoadFnOutput): LoadFnOutput {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof SyntaxError) || !/\.m?ts\?/.test(url)) throw error;
    return { format: 'module-typescript', source: readFileSync(fileURLToPath(url), 'utf8') };
  }
}

/** Idempotent. Driver threads and executors call it before the first user module loads. */
export function installModuleHooks(): void {
  if (installed) return;
  installed = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier.startsWith(RESOLVE_FROM)) {
        const [wanted, parentURL] = JSON.parse(decodeURIComponent(specifier.slice(RESOLVE_FROM.length)));
        return nextResolve(wanted, { ...context, parentURL });
      }
      const resolved = nextResolve(specifier, context);
      if (!isOwnModule(resolved.url) || resolved.url.includes('?')) return resolved;
      return { ...resolved, url: `${resolved.url}?v=${moduleVersion(fileURLToPath(resolved.url))}` };
    },
    load(url, context, nextLoad) {
      if (!isOwnModule(url)) return nextLoad(url, context);
      const result = loadOwn(url, () => nextLoad(url, context));
      const isModule = result.format === 'module' || result.format === 'module-typescript';
      if (!isModule || result.source == null) return result;
      const text =
        typeof result.source === 'string' ? result.source : new TextDecoder().decode(result.source);
      const { code, positions } = tagModule(text, fileURLToPath(url.replace(/\?.*$/, '')));
      registerScript(url, positions);
      return { format: 'module', source: code, shortCircuit: true };
    },
  });
}

/** `import.meta.resolve(specifier)` as if written in `file`: Node's own takes no parent. */
export function resolveFrom(file: string, specifier: string): string {
  installModuleHooks();
  const question = encodeURIComponent(JSON.stringify([specifier, pathToFileURL(file).href]));
  return import.meta.resolve(RESOLVE_FROM + question);
}
