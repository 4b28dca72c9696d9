'use client';
/** The door to Monaco: loaded once, on the first editor, with its workers and our themes. */
import type * as MonacoEditor from 'monaco-editor/editor';
import { defineThemes, editorTheme } from './monaco-theme.ts';

export type Monaco = typeof MonacoEditor;

let loading: Promise<Monaco> | undefined;

/** Top-level await, return and for-await are what cells are made of. */
const CELL_DIAGNOSTICS = [1108, 1375, 1378, 1431, 1432];

async function load(): Promise<Monaco> {
  self.MonacoEnvironment = {
    getWorker: (_module, label) =>
      label === 'typescript' || label === 'javascript'
        ? new Worker(new URL('./workers/typescript.worker.ts', import.meta.url), {
            type: 'module',
            name: label,
          })
        : new Worker(new URL('./workers/editor.worker.ts', import.meta.url), { type: 'module', name: label }),
  };
  const [monaco, typescript, { allowManyModels }] = await Promise.all([
    import('monaco-editor/editor'),
    import('monaco-editor/languages/features/typescript/register'),
    import('./editor/many-models.ts'),
    import('monaco-editor/features/register.all'),
    import('monaco-editor/languages/definitions/typescript/register'),
    import('monaco-editor/languages/definitions/markdown/register'),
  ]);
  const { typescriptDefaults, ScriptTarget, ModuleKind } = typescript;
  typescriptDefaults.setCompilerOptions({
    target: ScriptTarget.ESNext,
    module: ModuleKind.ESNext,
    lib: ['esnext'],
    strict: true,
    allowNonTsExtensions: true,
  });
  // Names of other cells and of the session are not typed yet: only syntax is judged.
  typescriptDefaults.setDiagnosticsOptions({
    noSemanticValidation: true,
    noSuggestionDiagnostics: true,
    diagnosticCodesToIgnore: CELL_DIAGNOSTICS,
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
