/** The entry of the page's TypeScript service. */
import { initialize } from 'monaco-editor/languages/features/typescript/ts.worker';
import { WORKER_LOADED } from '../worker-start.ts';
import { type BaseTypes, type BaseTypesFile, makeBaseTypes, NO_BASE_TYPES } from './base-types.ts';
import { CellWorker } from './cell-worker.ts';

/** Read at once, before the first question: without the names of the engine every cell would look wrong. */
function readBaseTypes(): BaseTypes {
  const request = new XMLHttpRequest();
  request.open('GET', `${self.location.origin}/types/stagelight.json`, false);
  request.send();
  if (request.status !== 200) throw new Error(`the engine's types are not served (status ${request.status})`);
  return makeBaseTypes(JSON.parse(request.responseText) as BaseTypesFile);
}

function baseTypes(): BaseTypes {
  try {
    return readBaseTypes();
  } catch (error) {
    console.error(error);
    return NO_BASE_TYPES;
  }
}

self.onmessage = () => initialize((context, data) => new CellWorker(context, data, baseTypes));
postMessage(WORKER_LOADED);
