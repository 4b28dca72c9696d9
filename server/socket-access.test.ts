/** The attacks on sockets that must fail: handshakes without the right to them, wrong messages, floods. */
import { io, type Socket } from 'socket.io-client';
import { describe, expect, test } from 'vitest';
import { MAX_CELL_CHARACTERS } from '../engine/viewer-protocol.ts';
import { socketCalls } from './gateway.ts';
import { cookie, notebooks, port, serveForTests } from './test-access-server.ts';

serveForTests();

function connect(headers: Record<string, string>, transports = ['websocket']): Socket {
  return io(`http://127.0.0.1:${port}`, {
    transports,
    extraHeaders: headers,
    reconnection: false,
    forceNew: true,
  });
}

function outcome(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('connect', () => {
      socket.close();
      resolve('connected');
    });
    socket.on('connect_error', () => {
      socket.close();
      resolve('refused');
    });
  });
}

describe('sockets', () => {
  const origin = () => `http://127.0.0.1:${port}`;

  test('a handshake needs the cookie and this very origin', async () => {
    expect(await outcome(connect({ ...cookie(), origin: origin() }))).toBe('connected');
    expect(await outcome(connect({ origin: origin() }))).toBe('refused');
    expect(await outcome(connect({ cookie: `stagelight-${port}=${'0'.repeat(64)}`, origin: origin() }))).toBe(
      'refused',
    );
    expect(await outcome(connect({ ...cookie() }))).toBe('refused');
    const foreign = [
      'null',
      'http://attacker.test',
      `http://127.0.0.1:${port + 1}`,
      `http://sub.127.0.0.1:${port}`,
    ];
    for (const other of [...foreign, `HTTP://127.0.0.1:${port}`, `https://127.0.0.1:${port}`]) {
      expect(await outcome(connect({ ...cookie(), origin: other }))).toBe('refused');
    }
    expect(await outcome(connect({ ...cookie(), origin: origin() }, ['polling']))).toBe('refused');
  });

  test('every call answers wrong messages with an error and goes on', async () => {
    const socket = connect({ ...cookie(), origin: origin() });
    await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
    const wrong = [
      undefined,
      null,
      7,
      'text',
      [],
      { path: '../outside.ts' },
      { path: '/etc/passwd' },
      { path: 'a\0.ts' },
      { path: '.hidden/a.ts' },
      { path: 'C:\\a.ts' },
      { file: '' },
      { file: '../outside.ts' },
      { file: '/etc/passwd' },
      { file: 'a\0.ts' },
      { file: '.stagelight/a.ts.outputs.json' },
      {
        path: 'missing.ts',
        command: { type: 'save' },
        query: { type: 'stageSummary', stageId: 0, attempt: 0 },
      },
      { path: 'missing.ts', command: { type: '__proto__' }, query: { type: 'constructor' } },
      {
        path: 'missing.ts',
        command: { type: 'editCell', cellId: {}, source: 1 },
        query: { type: 'timeline', width: 1e9 },
      },
      {
        path: 'missing.ts',
        command: { type: 'injectFault', fault: { kind: 'killExecutor', executorId: '0' } },
      },
      { path: 'missing.ts', command: { type: 'injectFault', fault: { kind: '__proto__' } } },
      JSON.parse('{"path":"missing.ts","__proto__":{"polluted":true},"name":1}'),
    ];
    const names = Object.keys(socketCalls(notebooks)).filter(
      (name) => name !== 'home:list' && name !== 'notebook:leave' && name !== 'files:bin',
    );
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      for (const payload of wrong) {
        const reply = await socket.timeout(5000).emitWithAck(name, payload);
        expect({ name, payload, ok: reply.ok }).toEqual({ name, payload, ok: false });
        expect(reply.error.code).toMatch(/^[A-Z_]+$/);
      }
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect((await socket.timeout(5000).emitWithAck('home:list', {})).ok).toBe(true);
    socket.close();
  });

  test('breaking things needs a kernel, and a fault of the protocol', async () => {
    const socket = connect({ ...cookie(), origin: origin() });
    await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
    const { path } = await socket.timeout(5000).emitWithAck('notebook:create', { name: 'faults' });
    const command = (sent: object) =>
      socket.timeout(5000).emitWithAck('notebook:command', { path, command: sent });
    const kill = { type: 'injectFault', fault: { kind: 'killExecutor', executorId: '0' } };
    expect((await command(kill)).error.code).toBe('NO_KERNEL');
    expect((await command({ type: 'clearFaults' })).error.code).toBe('NO_KERNEL');
    const pid = { ...kill.fault, pid: process.pid };
    expect((await command({ ...kill, fault: pid })).error.code).toBe('MESSAGE_INVALID');
    socket.close();
    // Without the cookie there is no socket to send it on.
    expect(await outcome(connect({ origin: origin() }))).toBe('refused');
  });

  test('the largest cell in its largest form arrives; a larger one is refused and the connection stays', async () => {
    const socket = connect({ ...cookie(), origin: origin() });
    await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
    const { path } = await socket.timeout(5000).emitWithAck('notebook:create', { name: 'large' });
    const insert = (cellId: string, source: string) =>
      socket.timeout(20_000).emitWithAck('notebook:command', {
        path,
        command: { type: 'insertCell', cellId, kind: 'code', source, index: 0 },
      });
    expect((await insert('a', '\u0001'.repeat(MAX_CELL_CHARACTERS))).ok).toBe(true);
    expect((await insert('b', '漢'.repeat(MAX_CELL_CHARACTERS))).ok).toBe(true);
    expect((await insert('c', 'x'.repeat(MAX_CELL_CHARACTERS + 1))).error.code).toBe('MESSAGE_INVALID');
    expect(socket.connected).toBe(true);
    socket.close();
  });

  test('a message beyond all bounds, or that is no message, ends its own connection only', async () => {
    const other = connect({ ...cookie(), origin: origin() });
    await new Promise<void>((resolve) => other.on('connect', () => resolve()));
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const frames = [
      `42["home:list","${'x'.repeat(7_000_000)}"]`,
      `42["home:list",${deep}]`,
      '42{"not":"a list"}',
      '451-["home:list",{"_placeholder":true,"num":0}]',
      '42["__proto__",{}]',
      '42["constructor",{}]',
    ];
    for (const frame of frames) {
      const socket = connect({ ...cookie(), origin: origin() });
      await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
      const transport = socket.io.engine.transport as unknown as { ws: { send(text: string): void } };
      transport.ws.send(frame);
      expect((await other.timeout(5000).emitWithAck('home:list', {})).ok).toBe(true);
      socket.close();
    }
    other.close();
  });

  test('a flood of calls is cut off', async () => {
    const socket = connect({ ...cookie(), origin: origin() });
    await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
    const ended = new Promise<void>((resolve) => socket.on('disconnect', () => resolve()));
    for (let i = 0; i < 2000; i++) socket.emit('home:list', {});
    await ended;
  });
});
