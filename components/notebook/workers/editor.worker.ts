/** Monaco's general worker: links, word completion, diffs. */
import 'monaco-editor/editor/editor.worker';
import { WORKER_LOADED } from '../worker-start.ts';

postMessage(WORKER_LOADED);
