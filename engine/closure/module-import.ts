/** Imports on behalf of user code: resolved from the user's own file, and remembered so that exports can travel by name. */
import { isBuiltin } from 'node:module';
import vm from 'node:vm';
import { quietly } from './quiet.ts';

export interface ExportReference {
  specifier: string;
  /** The file whose import this is; the specifier resolves from there. */
  from: string;
  /** `*` for the whole module. */
  name: string;
}

type Importer = (specifier: string, options?: ImportCallOptions) => Promise<Record<string, unknown>>;

const importers = new Map<string, Importer>();
const exportsByValue = new WeakMap<object, ExportReference>();

/** `import(specifier)` as if written in `file` (an absolute path or a file URL). */
export function importFrom(file: string, specifier: string, options?: ImportCallOptions) {
  let importer = importers.get(file);
  if (!importer) {
    importer = vm.compileFunction(
      'return options === undefined ? import(specifier) : import(specifier, options)',
      ['specifier', 'options'],
      {
        filename: file,
        importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      },
    ) as Importer;
    importers.set(file, importer);
  }
  const imports = importer;
  return quietly('import in vm', () => imports(specifier, options));
}

export function isPackage(specifier: string): boolean {
  return isBuiltin(specifier) || !/^(\.\.?\/|\/|file:|data:)/.test(specifier);
}

function remember(value: unknown, reference: ExportReference): void {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
    if (!exportsByValue.has(value)) exportsByValue.set(value, reference);
  }
}

/** Lets functions and objects exported by a module travel as module and export name. */
export function rememberExports(module: Record<string, unknown>, specifier: string, from: string): void {
  if (exportsByValue.has(module)) return;
  remember(module, { specifier, from, name: '*' });
  for (const name of Object.keys(module)) remember(module[name], { specifier, from, name });
}

export function exportReference(value: object): ExportReference | undefined {
  return exportsByValue.get(value);
}
