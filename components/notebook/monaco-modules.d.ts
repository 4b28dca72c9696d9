/** Modules of monaco-editor that ship without types. */
declare module 'monaco-editor/features/register.all';
declare module 'monaco-editor/languages/definitions/typescript/register';
declare module 'monaco-editor/languages/definitions/markdown/register';
declare module 'monaco-editor/editor/editor.worker';
declare module 'monaco-editor/editor/common/languages/language' {
  export const ILanguageService: unknown;
}
declare module 'monaco-editor/editor/common/languages/languageConfigurationRegistry' {
  export const ILanguageConfigurationService: unknown;
}
declare module 'monaco-editor/platform/configuration/common/configuration' {
  export const IConfigurationService: unknown;
}
declare module 'monaco-editor/editor/standalone/browser/standaloneServices' {
  export const StandaloneServices: { get(service: unknown): unknown };
}
declare module 'monaco-editor/languages/features/typescript/ts.worker' {
  export function initialize(create: (context: never, createData: never) => object): void;
}
declare module 'monaco-editor/languages/features/typescript/lib/typescriptServices' {
  export const typescript: import('./workers/typescript-api.ts').TypeScriptApi;
}
declare module 'monaco-editor/languages/features/typescript/tsWorker' {
  export const TypeScriptWorker: typeof import('./workers/typescript-worker-base.ts').TypeScriptWorker;
}
