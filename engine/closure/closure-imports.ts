/** What shipped code imports in the executor: modules are brought in ahead, exports are then there without waiting. */
import { join } from 'node:path';
import { StagelightError } from '../errors.ts';
import { type ExportReference, importFrom, rememberExports } from './module-import.ts';

const modules = new Map<string, Record<string, unknown>>();

const keyOf = ({ specifier, from }: ExportReference) => `${from}\n${specifier}`;

/** Brings in the modules; packages resolve from `directory` when the importing file cannot be resolved. */
export async function importAll(references: readonly ExportReference[], directory: string): Promise<void> {
  for (const reference of references) {
    const { specifier, from } = reference;
    const key = keyOf(reference);
    if (modules.has(key)) continue;
    const module = await importModule(specifier, from, directory);
    rememberExports(module, specifier, from);
    modules.set(key, module);
  }
}

async function importModule(specifier: string, from: string, directory: string) {
  try {
    return await importFrom(from, specifier);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return await importFrom(join(directory, 'closure.js'), specifier);
  }
}

/** An export of a module that was brought in before. */
export function importedValue(reference: ExportReference): unknown {
  const { specifier, name } = reference;
  const module = modules.get(keyOf(reference));
  if (!module) throw new Error(`"${specifier}" was not imported ahead`);
  if (name === '*') return module;
  if (name in module) return module[name];
  throw new StagelightError('CLOSURE_IMPORT', `"${specifier}" has no export named ${name} in the executor.`, {
    hint: 'Notebook and executors must see the same version of the package: restart the kernel after installing.',
  });
}
