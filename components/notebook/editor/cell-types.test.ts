/** When a page starts its type service, which takes seconds of a core. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { NotebookSession } from '../../session/notebook-session.ts';
import type { CellModels } from '../cell-models.ts';
import type { Monaco } from '../monaco.ts';
import { createNotebookUi } from '../notebook-ui.ts';
import { CellTypes } from './cell-types.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', new EventTarget());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const IDLE = {
  cellOrder: ['a'],
  cells: new Map([['a', { kind: 'code' }]]),
  kernel: { status: 'idle' },
  queue: [],
};
const BUSY = { ...IDLE, kernel: { status: 'busy' }, queue: ['a'] };

/** A notebook of one cell; `outdated`: questions to the service. */
function open(view: object | undefined, connected = true) {
  const store = createStore(() => ({ view, connected, joined: connected }));
  let changed: (cellId: string, isText: boolean) => void = () => {};
  const model = { getVersionId: () => 1, getValue: () => '', getLanguageId: () => 'typescript' };
  const plan = { uri: 'plan', getValue: () => '', setValue() {}, dispose() {} };
  const service = { outdatedCells: vi.fn(async () => []) };
  const asking = new Set<Record<string, () => unknown>>();
  const register = (_language: string, provider: Record<string, () => unknown>) => {
    asking.add(provider);
    return { dispose: () => asking.delete(provider) };
  };
  const monaco = {
    languages: {
      registerHoverProvider: register,
      registerCompletionItemProvider: register,
      registerDefinitionProvider: register,
    },
    Uri: { parse: (uri: string) => uri },
    editor: { getModel: () => null, createModel: () => plan, setModelMarkers() {} },
    typescript: { getTypeScriptWorker: async () => async () => service },
  };
  const onBegin = vi.fn();
  const types = new CellTypes({
    monaco: monaco as unknown as Monaco,
    session: { store, packageTypes: async () => undefined } as unknown as NotebookSession,
    ui: createNotebookUi(),
    models: {
      get: () => model,
      onChange: (listener: typeof changed) => {
        changed = listener;
        return () => {};
      },
    } as unknown as CellModels,
    isShown: () => true,
    onBegin,
  });
  types.start();
  return {
    show: (next: object) => store.setState({ view: next }),
    join: () => store.setState({ connected: true, joined: true }),
    change: (isText: boolean) => changed('a', isText),
    ask: () => [...asking].flatMap((provider) => Object.values(provider).map((ask) => ask())),
    close: () => types.stop(),
    outdated: service.outdatedCells,
    onBegin,
  };
}

const minute = () => vi.advanceTimersByTimeAsync(60_000);

test('a second after a page was opened where nothing runs', async () => {
  const { outdated, onBegin } = open(IDLE);
  await vi.advanceTimersByTimeAsync(999);
  expect(onBegin).not.toHaveBeenCalled();
  await minute();
  expect([onBegin.mock.calls.length, outdated.mock.calls.length]).toEqual([1, 1]);
});

test('not while a run that follows at once lasts, nor for the cell that comes with it, but after it', async () => {
  const { show, change, outdated, onBegin } = open(undefined);
  show(IDLE);
  change(false);
  await vi.advanceTimersByTimeAsync(500);
  change(false);
  show(BUSY);
  await minute();
  expect(onBegin).not.toHaveBeenCalled();
  show(IDLE);
  await minute();
  expect([onBegin.mock.calls.length, outdated.mock.calls.length]).toEqual([1, 1]);
});

test('during a run when somebody writes', async () => {
  const { change, outdated, onBegin } = open(BUSY);
  change(true);
  change(true);
  await minute();
  expect([onBegin.mock.calls.length, outdated.mock.calls.length]).toEqual([1, 1]);
});

test('during a run when somebody asks for a type, which the service then answers', async () => {
  const { ask, outdated, onBegin } = open(BUSY);
  expect(ask()).toEqual([undefined, undefined, undefined]);
  await minute();
  expect([onBegin.mock.calls.length, outdated.mock.calls.length]).toEqual([1, 1]);
});

test('not because another notebook had it started before in the same page', async () => {
  const first = open(IDLE);
  await minute();
  first.close();
  expect(first.ask()).toEqual([]);
  const second = open(BUSY);
  await minute();
  expect([second.onBegin.mock.calls.length, second.outdated.mock.calls.length]).toEqual([0, 0]);
  second.show(IDLE);
  await minute();
  expect([second.onBegin.mock.calls.length, second.outdated.mock.calls.length]).toEqual([1, 1]);
});

test('not while the server is gone', async () => {
  const { change, join, outdated } = open(IDLE, false);
  change(true);
  await minute();
  expect(outdated).not.toHaveBeenCalled();
  join();
  await minute();
  expect(outdated).toHaveBeenCalledOnce();
});
