/** The entry of the page's TypeScript service. */
import { initialize } from 'monaco-editor/languages/features/typescript/ts.worker';
import { WORKER_LACKS, WORKER_LOADED } from '../worker-start.ts';
import { type BaseTypes, type BaseTypesFile, makeBaseTypes, NO_BASE_TYPES } from './base-types.ts';
import { CellWorker } from './cell-worker.ts';

/** Throws when the server is gone. */
async function readBaseTypes(): Promise<BaseTypes> {
  const response = await fetch(`${self.location.origin}/types/stagelight.json`);
  if (response.ok) return makeBaseTypes((await response.json()) as BaseTypesFile);
  console.error(`the engine's types are not served (status ${response.status})`);
  return NO_BASE_TYPES;
}

// Before the first question: without the names of the engine every cell would look wrong.
readBaseTypes().then(
  (types) => {
    self.onmessage = () => initialize((context, data) => new CellWorker(context, data, () => types));
    postMessage(WORKER_LOADED);
  },
  () => postMessage(WORKER_LACKS),
);
