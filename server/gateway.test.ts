import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../engine/fold/message-size.ts';
import type { SequencedEvent, StagelightEvent } from '../engine/protocol.ts';
import type { EventBatch } from '../engine/viewer-protocol.ts';
import { Access, makeToken } from './auth.ts';
import { type Gateway, startGateway } from './gateway.ts';
import type { Notebooks } from './notebooks.ts';

const token = makeToken();

/** Answers by the stage that is asked for: small, larger, of signs that grow when they are escaped, larger than a message. */
const ANSWERS = [
  { text: 'small' },
  { text: 'é"\u{1d11e}'.repeat(5_000) },
  { text: '"\n\u0001…'.repeat(9_000) },
  { text: '€'.repeat(300_000) },
];
/** What Node calls for all that a connection has to write at once. */
interface WithWritev {
  _writev(...args: unknown[]): void;
}

let http: Server;
let port: number;
let gateway: Gateway;

beforeAll(async () => {
  http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  port = (http.address() as AddressInfo).port;
  const access = new Access({ token, port, host: '127.0.0.1', secure: false });
  const host = {
    path: 'a.ts',
    join: () => ({ ok: true, boot: 'b', seq: 0, events: [] as SequencedEvent[] }),
    query: async ({ stageId }: { stageId: number }) => ANSWERS[stageId],
  };
  const notebooks = { open: async () => host, viewerJoined() {}, viewerLeft() {}, files: {} };
  gateway = startGateway(http, access, notebooks as unknown as Notebooks);
});

afterAll(async () => {
  await gateway.close();
  http.close();
});

async function viewer(): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    extraHeaders: { cookie: `stagelight-${port}=${token}`, origin: `http://127.0.0.1:${port}` },
    forceNew: true,
  });
  await socket.timeout(10_000).emitWithAck('notebook:join', { path: 'a.ts' });
  return socket;
}

function batch(source: string): EventBatch {
  const event: StagelightEvent = {
    type: 'cellStarted',
    cellId: 'c',
    runId: 'r',
    time: 1,
    executionCount: 1,
    source,
  };
  return { boot: 'b', from: 1, to: 1, events: [event] };
}

test('an event larger than a message reaches viewers in parts, in its place', async () => {
  const socket = await viewer();
  const sizes: number[] = [];
  socket.io.engine.on('packet', ({ data }) => sizes.push(Buffer.byteLength(data ?? '')));
  const texts: string[] = [];
  const seen: unknown[] = [];
  socket.on('message:part', ({ bytes }) => texts.push(bytes.toString()));
  const done = new Promise<void>((resolve) => {
    socket.on('events', ({ path, inParts, ...rest }) => {
      seen.push(inParts === undefined ? rest : JSON.parse(texts.splice(0).join('')));
      if (path === 'a.ts' && seen.length === 3) resolve();
    });
  });
  const sent = [batch('before'), batch('é"\u{1d11e}'.repeat(200_000)), batch('after')];
  for (const each of sent) gateway.broadcast('a.ts', each);
  await done;
  expect(seen).toEqual(sent);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  socket.disconnect();
});

test('an answer reaches everybody who asked, whatever its size, in no message that is too large', async () => {
  const sockets = await Promise.all([viewer(), viewer()]);
  for (const socket of sockets) {
    const sizes: number[] = [];
    socket.io.engine.on('packet', ({ data }) => sizes.push(Buffer.byteLength(data ?? '')));
    const texts: string[] = [];
    socket.on('message:part', ({ bytes }) => texts.push(bytes.toString()));
    const forms = new Set<string>();
    for (const [stageId, answer] of ANSWERS.entries()) {
      const query = { type: 'stageSummary', stageId, attempt: 0 };
      const reply = await socket.emitWithAck('notebook:query', { path: 'a.ts', query });
      const text = reply.inText ?? (reply.inParts && texts.splice(0).join(''));
      expect(text ? JSON.parse(text) : reply).toEqual({ ok: true, answer });
      forms.add(reply.inText ? 'text' : reply.inParts ? 'parts' : 'whole');
    }
    expect(forms).toEqual(new Set(['whole', 'text', 'parts']));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    socket.disconnect();
  }
});

test('what is sent to a viewer in one turn leaves in one write, in its order', async () => {
  const connected = new Promise<WithWritev>((resolve) =>
    http.once('connection', (wire) => resolve(wire as unknown as WithWritev)),
  );
  const socket = await viewer();
  const wire = await connected;
  let writes = 0;
  const write = wire._writev.bind(wire);
  wire._writev = (...args) => {
    writes++;
    write(...args);
  };
  const seen: unknown[] = [];
  const sent = ['one', 'two', 'three', 'four'].map(batch);
  const arrived = (count: number) =>
    new Promise<void>((resolve) => socket.on('events', () => seen.length === count && resolve()));
  socket.on('events', ({ path: _path, ...rest }) => seen.push(rest));
  const three = arrived(3);
  for (const each of sent.slice(0, 3)) gateway.broadcast('a.ts', each);
  await three;
  expect(writes).toBe(1);
  const four = arrived(4);
  gateway.broadcast('a.ts', sent[3]!);
  await four;
  expect(writes).toBe(2);
  expect(seen).toEqual(sent);
  socket.disconnect();
});

test('a viewer that does not read is cut off while huge events go on to the others', async () => {
  const [slow, quick] = await Promise.all([viewer(), viewer()]);
  const behind = new Promise<{ path: string }>((resolve) => slow.on('notebook:behind', resolve));
  // biome-ignore lint/suspicious/noExplicitAny: the transport's own socket, which has no types
  const wire = (slow.io.engine.transport as any).ws._socket;
  wire.pause();
  const huge = batch('x'.repeat(900_000));
  let received = 0;
  for (let sent = 1; sent <= 30; sent++) {
    const arrived = new Promise<void>((resolve) => quick.once('events', () => resolve()));
    gateway.broadcast('a.ts', huge);
    await arrived;
    received++;
  }
  let late = 0;
  slow.on('events', () => late++);
  wire.resume();
  expect(await behind).toEqual({ path: 'a.ts' });
  expect(received).toBe(30);
  expect(late).toBeLessThan(30);
  slow.disconnect();
  quick.disconnect();
});
