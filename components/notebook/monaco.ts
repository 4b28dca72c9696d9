'use client';
/** The door to Monaco: loaded once, on the first editor, with its workers and our themes. */
import type * as MonacoEditor from 'monaco-editor/editor';
import type * as MonacoTypeScript from 'monaco-editor/languages/features/typescript/register';
import { COMPILER_OPTIONS } from './editor/compiler-options.ts';
import { defineThemes, editorTheme } from './monaco-theme.ts';
import { loadedWorker } from './worker-start.ts';

export type Monaco = typeof MonacoEditor & { typescript: typeof MonacoTypeScript };

let loading: Promise<Monaco> | undefined;

const workerFailures = new Set<(times: number) => void>();

/** Calls `listener` when a worker of the editors could not be loaded, with how often; returns what ends that. */
export function onWorkerFailure(listener: (times: number) => void): () => void {
  workerFailures.add(listener);
  return () => workerFailures.delete(listener);
}

function workerFailed(times: number): void {
  for (const listener of workerFailures) listener(times);
}

function typeService(name: string): Promise<Worker> {
  return loadedWorker(
    () => new Worker(new URL('./workers/typescript.worker.ts', import.meta.url), { type: 'module', name }),
    workerFailed,
  );
}

function editorService(name: string): Promise<Worker> {
  return loadedWorker(
    () => new Worker(new URL('./workers/editor.worker.ts', import.meta.url), { type: 'module', name }),
    workerFailed,
  );
}

/** What waits for the page, a click or a result, comes before the rest of a long piece of work. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

async function load(): Promise<Monaco> {
  self.MonacoEnvironment = {
    getWorker: (_module, label) =>
      label === 'typescript' || label === 'javascript' ? typeService(label) : editorService(label),
  };
  const editor = await import('monaco-editor/editor');
  await nextTask();
  const typescript = await import('monaco-editor/languages/features/typescript/register');
  await nextTask();
  const { allowManyModels } = await import('./editor/many-models.ts');
  await import('monaco-editor/features/register.all');
  await nextTask();
  await import('monaco-editor/languages/definitions/typescript/register');
  await import('monaco-editor/languages/definitions/markdown/register');
  await nextTask();
  const monaco: Monaco = { ...editor, typescript };
  const { typescriptDefaults } = typescript;
  typescriptDefaults.setCompilerOptions(COMPILER_OPTIONS);
  // Every cell counts for every other; what is wrong in them is asked for when editing pauses (editor/cell-types.ts).
  typescriptDefaults.setEagerModelSync(true);
  // Inlay hints would be asked for by every editor that is shown, and there are none.
  typescriptDefaults.setModeConfiguration({
    ...typescriptDefaults.modeConfiguration,
    diagnostics: false,
    inlayHints: false,
  });
  allowManyModels();
  defineThemes(monaco);
  // Before the first editor: it must not flash in Monaco's own colours.
  monaco.editor.setTheme(editorTheme(document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'));
  return monaco;
}

export function loadMonaco(): Promise<Monaco> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
