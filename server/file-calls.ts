/** What the pages ask of the files: list, search, read, make, move, duplicate, delete, restore. */
import { StagelightError } from '../engine/errors.ts';
import { joinPath } from '../engine/files-protocol.ts';
import type { Call, Payload } from './gateway.ts';
import type { Notebooks } from './notebooks.ts';
import { readSource } from './read-source.ts';

const MAX_TEXT = 1000;

function textOf(payload: Payload, name: string, mayBeEmpty = false): string {
  const text = payload[name];
  if (typeof text !== 'string' || text.length > MAX_TEXT || (text === '' && !mayBeEmpty)) {
    throw new StagelightError('MESSAGE_INVALID', `"${name}" is missing or too long`, {
      hint: 'Reload the page.',
    });
  }
  return text;
}

export function fileCalls(notebooks: Notebooks): Record<string, Call> {
  const { tree, bin } = notebooks;
  return {
    'files:list': async (_socket, payload) => {
      const listing = await tree.list(textOf(payload, 'folder', true));
      return { ...listing, kernels: notebooks.kernels(), binned: (await bin.list()).length };
    },
    'files:search': async (_socket, payload) => {
      const listing = await tree.search(textOf(payload, 'text'));
      return { ...listing, kernels: notebooks.kernels(), binned: (await bin.list()).length };
    },
    'files:source': async (_socket, payload) => readSource(tree, textOf(payload, 'file', true)),
    'files:createFolder': async (_socket, payload) => {
      const name = textOf(payload, 'name').trim();
      if (name.includes('/')) {
        throw new StagelightError('FILE_NAME', `"${name}" cannot be used: names have no slashes`, {
          hint: 'Make the outer folder first, then one inside it.',
        });
      }
      const path = joinPath(textOf(payload, 'folder', true), name);
      await notebooks.change(() => tree.createFolder(path));
      return { path };
    },
    'files:move': async (_socket, payload) => {
      const [from, to] = [textOf(payload, 'from'), textOf(payload, 'to')];
      await notebooks.move(from, to);
      return { path: to };
    },
    'files:duplicate': async (_socket, payload) => ({
      path: await notebooks.duplicate(textOf(payload, 'path')),
    }),
    'files:delete': async (_socket, payload) => ({ entry: await notebooks.delete(textOf(payload, 'path')) }),
    'files:bin': async () => ({ entries: await bin.list() }),
    'files:restore': async (_socket, payload) => {
      const id = textOf(payload, 'id');
      return { path: await notebooks.change(() => bin.restore(id)) };
    },
    'files:emptyBin': async (_socket, payload) => {
      const all = payload['all'] === true;
      const id = all ? undefined : textOf(payload, 'id');
      await notebooks.change(() => bin.empty(id));
      return {};
    },
  };
}
