/** Monaco's TypeScript service. */
import 'monaco-editor/languages/features/typescript/ts.worker';
