/** The session against a fake server: joins, gaps, drafts across acknowledgements, conflicts and lost connections. */
import { describe, expect, it } from 'vitest';
import type { StagelightEvent } from '../../engine/protocol.ts';
import { MAX_CELL_CHARACTERS } from '../../engine/viewer-protocol.ts';
import { FakeServer, PATH } from './fake-server.ts';
import { NotebookSession } from './notebook-session.ts';
import { isSaving } from './session-state.ts';
import { ManualTimers, memoryStorage, settled } from './simulated-notebook.ts';
import { unreachable } from './socket-client.ts';

class SettlingTimers extends ManualTimers {
  override async advance(ms: number) {
    super.advance(ms);
    await settled();
  }
}

const cell = (cellId: string, source: string, revision = 0) => ({
  cellId,
  kind: 'code' as const,
  source,
  revision,
});
const opened = (...sources: string[]): StagelightEvent => ({
  type: 'notebookOpened',
  path: PATH,
  cells: sources.map((source, index) => cell(`c${index}`, source)),
  time: 0,
});
const edited = (cellId: string, source: string, revision: number): StagelightEvent => ({
  type: 'cellEdited',
  cellId,
  source,
  revision,
});

async function open(server: FakeServer, storage = memoryStorage()) {
  const timers = new SettlingTimers();
  const session = new NotebookSession(PATH, server, storage, timers);
  session.start();
  await settled();
  const shown = (cellId: string) => {
    const { drafts, view } = session.store.getState();
    return drafts.get(cellId)?.source ?? view?.cells.get(cellId)?.source;
  };
  return { session, timers, storage, shown };
}

describe('following events', () => {
  it('shows what it joined and asks for the rest after a gap', async () => {
    const server = new FakeServer();
    server.lose(opened('1'));
    const { session, timers, shown } = await open(server);
    expect(shown('c0')).toBe('1');
    server.lose(edited('c0', '2', 1));
    server.push(edited('c0', '3', 2));
    await timers.advance(200);
    expect(server.joins).toEqual([{ path: PATH }, { path: PATH, boot: 'b1', seq: 1 }]);
    expect(shown('c0')).toBe('3');
    expect(session.store.getState().phase).toBe('ready');
  });

  it('publishes the first change at once and then at most every 100 ms, all in one', async () => {
    const server = new FakeServer();
    server.lose(opened('0'));
    const { timers, shown } = await open(server);
    await timers.advance(500);
    server.push(edited('c0', 'first', 1));
    expect(shown('c0')).toBe('first');
    server.push(edited('c0', 'second', 2));
    server.push(edited('c0', 'third', 3));
    expect(shown('c0')).toBe('first');
    await timers.advance(50);
    expect(shown('c0')).toBe('first');
    await timers.advance(65);
    expect(shown('c0')).toBe('third');
  });
});

describe('drafts', () => {
  it('stay on screen until the view has what was sent', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const { session, timers, shown } = await open(server);
    server.answer = () => ({ ok: true, revision: 1 });
    session.edit('c0', 'new');
    await timers.advance(300);
    expect(server.commands).toEqual([{ type: 'editCell', cellId: 'c0', source: 'new', baseRevision: 0 }]);
    expect(shown('c0')).toBe('new');
    expect(session.store.getState().drafts.size).toBe(1);
    server.push(edited('c0', 'new', 1));
    await timers.advance(100);
    expect(session.store.getState().drafts.size).toBe(0);
    expect(shown('c0')).toBe('new');
  });

  it('go on from the acknowledged revision when typing continues', async () => {
    const server = new FakeServer();
    server.lose(opened(''));
    const { session, timers } = await open(server);
    let revision = 0;
    server.answer = () => ({ ok: true, revision: ++revision });
    session.edit('c0', 'a');
    await timers.advance(300);
    session.edit('c0', 'ab');
    await timers.advance(300);
    expect(server.commands.map((command) => 'baseRevision' in command && command.baseRevision)).toEqual([
      0, 1,
    ]);
  });

  it('are sent before a run', async () => {
    const server = new FakeServer();
    server.lose(opened(''));
    const { session } = await open(server);
    session.edit('c0', 'x');
    await session.run(['c0']);
    expect(server.commands.map(({ type }) => type)).toEqual(['editCell', 'runCells']);
  });

  it('survive a lost connection and a reload, and are sent on return', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const first = await open(server);
    server.setConnected(false);
    first.session.edit('c0', 'typed offline');
    await first.timers.advance(1000);
    expect(first.shown('c0')).toBe('typed offline');
    first.session.stop();
    server.connected = true;
    const second = await open(server, first.storage);
    expect(second.shown('c0')).toBe('typed offline');
    expect(server.commands).toEqual([
      { type: 'editCell', cellId: 'c0', source: 'typed offline', baseRevision: 0 },
    ]);
  });

  it('are a conflict when the text moved on meanwhile, and the user decides', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const { session, timers, shown } = await open(server);
    server.setConnected(false);
    session.edit('c0', 'mine');
    server.lose(edited('c0', 'theirs', 1));
    server.setConnected(true);
    await settled();
    expect(session.store.getState().drafts.get('c0')?.conflict).toBe(true);
    expect(server.commands).toEqual([]);
    session.resolveConflict('c0', 'mine');
    await timers.advance(0);
    expect(server.commands).toEqual([{ type: 'editCell', cellId: 'c0', source: 'mine', baseRevision: 1 }]);
    expect(shown('c0')).toBe('mine');
  });

  it('of a cell deleted elsewhere are kept until put back or discarded, over a reload too', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const { session, timers, storage } = await open(server);
    session.edit('c0', 'typed');
    server.answer = () => ({ ok: false, error: { code: 'CELL_NOT_FOUND', name: 'E', message: 'm' } });
    server.push({ type: 'cellDeleted', cellId: 'c0', time: 1 });
    await timers.advance(300);
    expect(session.store.getState().drafts.get('c0')?.source).toBe('typed');
    const again = await open(server, storage);
    expect(again.session.store.getState().drafts.get('c0')?.source).toBe('typed');
    again.session.discardDraft('c0');
    expect((await open(server, storage)).session.store.getState().drafts.size).toBe(0);
  });

  it('of a cell that its own user deletes are gone', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const { session, timers } = await open(server);
    session.edit('c0', 'typed');
    await session.command({ type: 'deleteCells', cellIds: ['c0'] });
    server.push({ type: 'cellDeleted', cellId: 'c0', time: 1 });
    await timers.advance(300);
    expect(session.store.getState().drafts.size).toBe(0);
  });

  it('of another window of the same browser stay in the storage', async () => {
    const server = new FakeServer();
    server.lose(opened('old', 'other'));
    const first = await open(server);
    const second = await open(server, first.storage);
    server.setConnected(false);
    first.session.edit('c0', 'first');
    second.session.edit('c1', 'second');
    const third = await open(server, first.storage);
    expect([...third.session.store.getState().drafts.keys()]).toEqual(['c0', 'c1']);
  });

  it('are kept while the server cannot save them', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const { session, timers } = await open(server);
    server.answer = () => ({ ok: true, revision: 1 });
    session.edit('c0', 'new');
    await timers.advance(300);
    const error = { code: 'DISK_FULL', name: 'E', message: 'm' };
    server.push(edited('c0', 'new', 1), { type: 'notebookSaved', time: 1, error });
    await timers.advance(200);
    expect(session.store.getState().drafts.size).toBe(1);
    server.push({ type: 'notebookSaved', time: 2 });
    await timers.advance(200);
    expect(session.store.getState().drafts.size).toBe(0);
  });

  it('are sent when the page is left before typing paused', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const { session } = await open(server);
    session.edit('c0', 'new');
    session.stop();
    expect(server.commands).toEqual([{ type: 'editCell', cellId: 'c0', source: 'new', baseRevision: 0 }]);
  });

  it('are sent once by two runs at the same time, and a text in conflict is not run', async () => {
    const server = new FakeServer();
    server.lose(opened(''));
    const { session, timers } = await open(server);
    server.answer = () => ({ ok: true, revision: 1 });
    session.edit('c0', 'x');
    await Promise.all([session.run(['c0']), session.run(['c0']), session.run(['c0'])]);
    expect(server.commands.filter(({ type }) => type === 'editCell')).toHaveLength(1);
    server.push(edited('c0', 'x', 1));
    await timers.advance(100);
    server.answer = () => {
      server.push(edited('c0', 'z', 2));
      return { ok: false, error: { code: 'EDIT_CONFLICT', name: 'E', message: 'm' } };
    };
    session.edit('c0', 'y');
    const before = server.commands.length;
    await session.run(['c0']);
    expect(server.commands.slice(before).map(({ type }) => type)).toEqual(['editCell']);
    expect(session.store.getState().commandError?.code).toBe('TEXT_NOT_SENT');
  });

  it('without an answer are neither run nor said to be in conflict; a command without one may have been done', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const { session, timers } = await open(server);
    server.answer = () => ({ ...unreachable(), sent: true });
    session.edit('c0', 'x');
    await session.run(['c0']);
    expect(server.commands.map(({ type }) => type)).toEqual(['editCell']);
    expect(session.store.getState().commandError?.message).toBe('Not done: the server is unreachable');
    server.answer = () => ({ ok: true, revision: 1 });
    await timers.advance(2000);
    server.answer = ({ type }) => (type === 'editCell' ? { ok: true } : { ...unreachable(), sent: true });
    await session.run(['c0']);
    expect(session.store.getState().commandError?.message).toMatch(
      /^The server did not answer: this may have been/,
    );
  });

  it('refused by the server as a conflict are kept', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const { session, timers, shown } = await open(server);
    server.answer = () => {
      server.push(edited('c0', 'theirs', 1));
      return { ok: false, error: { code: 'EDIT_CONFLICT', name: 'E', message: 'm' } };
    };
    session.edit('c0', 'mine');
    await timers.advance(300);
    expect(session.store.getState().drafts.get('c0')?.conflict).toBe(true);
    session.resolveConflict('c0', 'theirs');
    expect(shown('c0')).toBe('theirs');
  });
});

describe('saving', () => {
  it('is pending from an accepted change to the next report of a save', async () => {
    const server = new FakeServer();
    server.lose(opened('1'));
    const { session, timers } = await open(server);
    await session.command({ type: 'deleteCells', cellIds: ['c0'] });
    expect(session.store.getState().unsaved).toBe(true);
    server.push({ type: 'notebookSaved', time: 5 });
    await timers.advance(100);
    expect(session.store.getState().unsaved).toBe(false);
  });

  it('ends for a text whose cell another program deleted while it was typed, and the text is kept', async () => {
    const server = new FakeServer();
    server.lose(opened('1', '2'));
    const { session, timers } = await open(server);
    session.edit('c1', 'typed meanwhile');
    expect(isSaving(session.store.getState())).toBe(true);
    server.answer = () => ({
      ok: false,
      error: { code: 'CELL_UNKNOWN', name: 'E', message: 'no such cell' },
    });
    server.push({ type: 'cellDeleted', cellId: 'c1', time: 4 }, { type: 'notebookSaved', time: 5 });
    await timers.advance(10_000);
    expect(session.store.getState().drafts.get('c1')?.source).toBe('typed meanwhile');
    expect(isSaving(session.store.getState())).toBe(false);
  });

  it('is not said of a cell that is too large; what was reported ends when it is shorter', async () => {
    const server = new FakeServer();
    server.lose(opened('1', '2'));
    const { session, timers } = await open(server);
    const said = () => session.store.getState().commandError;
    session.edit('c1', 'x'.repeat(MAX_CELL_CHARACTERS + 1));
    await timers.advance(300);
    expect(said()).toMatchObject({ code: 'CELL_TOO_LARGE' });
    expect(said()?.message).toMatch(/^Cell 2 has 900,001 characters/);
    expect(server.commands).toEqual([]);
    expect(isSaving(session.store.getState())).toBe(false);
    session.edit('c1', '2');
    expect(said()).toBeUndefined();
  });

  it('goes on for typed text until the server has it, and not for a text that waits to be merged', async () => {
    const server = new FakeServer();
    server.lose(opened('old'));
    const { session, timers } = await open(server);
    server.answer = () => {
      server.push(edited('c0', 'theirs', 1));
      return { ok: false, error: { code: 'EDIT_CONFLICT', name: 'E', message: 'm' } };
    };
    session.edit('c0', 'mine');
    expect(isSaving(session.store.getState())).toBe(true);
    await timers.advance(300);
    expect(session.store.getState().drafts.get('c0')?.conflict).toBe(true);
    expect(isSaving(session.store.getState())).toBe(false);
  });

  it('reports a refused command until another succeeds', async () => {
    const server = new FakeServer();
    server.lose(opened('1'));
    const { session } = await open(server);
    server.answer = () => ({ ok: false, error: { code: 'NO', name: 'E', message: 'no' } });
    await session.command({ type: 'interrupt' });
    expect(session.store.getState().commandError?.message).toBe('no');
    server.answer = () => ({ ok: true });
    await session.command({ type: 'interrupt' });
    expect(session.store.getState().commandError).toBeUndefined();
  });
});
