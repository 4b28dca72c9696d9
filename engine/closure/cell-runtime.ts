/** What a compiled cell calls while it runs: imports, checks after await, errors JavaScript would throw itself. */
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StagelightError } from '../errors.ts';
import type { CellScope } from './closure.ts';
import { installModuleHooks, resolveFrom } from './module-hooks.ts';
import { importFrom, rememberExports } from './module-import.ts';
import type { Position } from './source-text.ts';

/** Thrown at the next await of a cell's run after it was interrupted. */
export class CellInterrupted extends Error {
  constructor() {
    super('The cell was interrupted.');
    this.name = 'CellInterrupted';
  }
}

export interface CellImport {
  specifier: string;
  names: { local: string; exported: string; used: boolean }[];
  position: Position;
}

export interface CellRuntimeOptions {
  file: string;
  cellId: string;
  imports: CellImport[];
  check: () => void;
}

type Wanted = Pick<CellImport, 'specifier'> & Partial<CellImport>;

function importError(cause: unknown, each: Wanted, { cellId }: CellRuntimeOptions): unknown {
  const { code, message } = cause as { code?: string; message?: string };
  const missing =
    code === 'ERR_MODULE_NOT_FOUND' ||
    code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ||
    code === 'ERR_UNKNOWN_BUILTIN_MODULE';
  const relative = /^[./]/.test(each.specifier);
  const segments = each.specifier.split('/');
  const name = relative
    ? each.specifier.replace(/^(\.\.?\/)+/, '')
    : segments.slice(0, each.specifier.startsWith('@') ? 2 : 1).join('/');
  if (!missing || !message?.includes(name)) return cause;
  return new StagelightError('IMPORT_FAILED', `Cannot find "${each.specifier}".`, {
    hint: relative
      ? 'The path is relative to the folder of this notebook; write the file extension too.'
      : `Install it in the notebook's folder: npm install ${name}`,
    ...(each.position && { position: { file: `cell:${cellId}`, cellId, ...each.position } }),
    cause,
  });
}

async function runImport(each: CellImport, scope: CellScope, options: CellRuntimeOptions): Promise<void> {
  let module: Record<string, unknown>;
  installModuleHooks();
  try {
    module = await importFrom(options.file, each.specifier);
  } catch (error) {
    throw importError(error, each, options);
  }
  rememberExports(module, each.specifier, options.file);
  for (const { local, exported, used } of each.names) {
    if (exported === '*') scope[local] = module;
    else if (exported in module) scope[local] = module[exported];
    else if (used) {
      throw new StagelightError('IMPORT_FAILED', `"${each.specifier}" has no export named ${exported}.`, {
        hint: `It exports ${Object.keys(module).slice(0, 12).join(', ') || 'nothing'}.`,
        position: { file: `cell:${options.cellId}`, cellId: options.cellId, ...each.position },
      });
    }
  }
}

export function cellRuntime(scope: CellScope, options: CellRuntimeOptions) {
  const url = pathToFileURL(options.file).href;
  const meta = { url, filename: options.file, dirname: dirname(options.file) };
  const resolve = (specifier: string): string => {
    try {
      return resolveFrom(options.file, String(specifier));
    } catch (error) {
      throw importError(error, { specifier: String(specifier) }, options);
    }
  };
  return {
    // Not enumerable: what a closure takes of `import.meta` along is data.
    meta: Object.defineProperty(meta, 'resolve', { value: resolve }),
    check: <T>(value: T): T => {
      options.check();
      return value;
    },
    tooEarly: (name: string): never => {
      throw new ReferenceError(`Cannot access '${name}' before initialization`);
    },
    constants: new Proxy(scope, {
      set: () => {
        throw new TypeError('Assignment to constant variable.');
      },
    }),
    writable: (name: string): object => {
      if (name in scope) return scope;
      if (name in globalThis) return globalThis;
      throw new ReferenceError(`${name} is not defined`);
    },
    dynamicImport: async (specifier: unknown, importOptions?: ImportCallOptions): Promise<unknown> => {
      installModuleHooks();
      const module = await importFrom(options.file, String(specifier), importOptions);
      rememberExports(module, String(specifier), options.file);
      options.check();
      return module;
    },
    runImports: async (): Promise<void> => {
      for (const each of options.imports) {
        await runImport(each, scope, options);
        options.check();
      }
    },
  };
}
