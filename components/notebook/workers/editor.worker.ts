/** Monaco's general worker: links, word completion, diffs. */
import 'monaco-editor/editor/editor.worker';
