/** The socket side of the server: every call checked, answered with an acknowledgement, and bounded in rate. */
import { randomUUID } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { dirname } from 'node:path';
import { Server, type Socket } from 'socket.io';
import { errorToData, StagelightError } from '../engine/errors.ts';
import { jsonSize, MAX_MESSAGE_BYTES } from '../engine/fold/message-size.ts';
import { type EventBatch, MAX_CELL_CHARACTERS } from '../engine/viewer-protocol.ts';
import type { Access } from './auth.ts';
import { fileCalls } from './file-calls.ts';
import { gatherWrites } from './gathered-writes.ts';
import { messageParts } from './message-parts.ts';
import { replaced } from './notebook-host.ts';
import type { Notebooks } from './notebooks.ts';
import { PackageTypesReader } from './package-types.ts';
import { Presences, parsePresence } from './presence.ts';
import { type Acknowledge, bytesOf, replier } from './replies.ts';
import { parseCommand, parsePath, parseQuery, parseSpecifiers } from './validate.ts';

/** A cell of the largest size, each of its characters escaped. */
const MAX_INCOMING_BYTES = 6 * MAX_CELL_CHARACTERS + 10_000;
const MAX_CALLS_PER_SECOND = 500;
/** Bytes waiting for one slow viewer beyond which it is cut off from the stream until it asks again. */
const MAX_BACKLOG_BYTES = 4_000_000;

export type Payload = Record<string, unknown>;
export type Call = (socket: Socket, payload: Payload) => Promise<object>;

/** Every call a client can make; the test of access goes through this list. */
export function socketCalls(notebooks: Notebooks, presences?: Presences): Record<string, Call> {
  const pathOf = (payload: Payload) => parsePath(payload['path']);
  return {
    'home:list': async () => ({ root: notebooks.files.root, notebooks: await notebooks.files.list() }),
    'notebook:create': async (_socket, payload) => {
      const name = payload['name'];
      if (typeof name !== 'string') throw new StagelightError('MESSAGE_INVALID', 'a name is missing');
      return { path: await notebooks.change(() => notebooks.files.create(name)) };
    },
    ...fileCalls(notebooks),
    'notebook:join': async (socket, payload) => {
      const path = pathOf(payload);
      const host = await notebooks.open(path);
      if (host.path !== path) {
        socket.emit('notebook:moved', { from: path, to: host.path });
        throw new StagelightError('NOTEBOOK_MOVED', `"${path}" is now "${host.path}"`, {
          hint: 'This page goes there.',
        });
      }
      const { boot, seq } = payload;
      // Joining the room and reading the state happen in one turn: no batch can fall between them.
      const reply = host.join(
        typeof boot === 'string' ? boot : undefined,
        Number.isSafeInteger(seq) ? Number(seq) : undefined,
      );
      await socket.join(path);
      notebooks.viewerJoined(path, socket.id);
      return { ...reply, clientId: socket.id };
    },
    'notebook:leave': async (socket, payload) => {
      const path = pathOf(payload);
      await socket.leave(path);
      notebooks.viewerLeft(path, socket.id);
      presences?.drop(socket.id, path);
      return {};
    },
    'notebook:presence': async (socket, payload) => {
      const presence = parsePresence(payload['presence']);
      return presences?.set(socket, pathOf(payload), presence) ?? {};
    },
    'notebook:command': async (socket, payload) => {
      const command = parseCommand(payload['command']);
      const host = await notebooks.open(pathOf(payload));
      const { boot } = payload;
      if (boot !== undefined && boot !== host.boot) throw replaced();
      return host.command(command, socket.id, presences?.nameOf(socket.id));
    },
    'notebook:query': async (_socket, payload) => {
      const query = parseQuery(payload['query']);
      const host = await notebooks.open(pathOf(payload));
      return { answer: await host.query(query) };
    },
    'notebook:types': async (_socket, payload) => {
      const specifiers = parseSpecifiers(payload['specifiers']);
      const { files } = notebooks;
      const folder = dirname(await files.locate(pathOf(payload)));
      return { types: await new PackageTypesReader(files.root, folder).read(specifiers) };
    },
  };
}

/** At most a fixed number of calls a second; a client beyond that is disconnected. */
function makeRateLimit(): () => boolean {
  let windowStart = 0;
  let calls = 0;
  return () => {
    const now = performance.now();
    if (now - windowStart > 1000) {
      windowStart = now;
      calls = 0;
    }
    calls += 1;
    return calls <= MAX_CALLS_PER_SECOND;
  };
}

export interface Gateway {
  broadcast(path: string, batch: EventBatch): void;
  /** Tells a notebook's viewers where it is now; nowhere when it was deleted. */
  moved(from: string, to: string | undefined): void;
  /** Tells everyone that files came or went. */
  filesChanged(): void;
  close(): Promise<void>;
}

export function startGateway(http: HttpServer | HttpsServer, access: Access, notebooks: Notebooks): Gateway {
  const io = new Server(http, {
    serveClient: false,
    transports: ['websocket'],
    maxHttpBufferSize: MAX_INCOMING_BYTES,
    allowRequest: (request, callback) => {
      const allowed =
        !access.checkOrigin(request.headers, 'socket') && access.isAuthenticated(request.headers);
      callback(allowed ? null : 'not authenticated', allowed);
    },
  });
  const presences = new Presences(io);
  const calls = socketCalls(notebooks, presences);
  io.on('connection', (socket) => {
    gatherWrites(socket.conn);
    const withinRate = makeRateLimit();
    for (const [name, call] of Object.entries(calls)) {
      socket.on(name, async (payload: unknown, acknowledge: unknown) => {
        if (!withinRate()) return socket.disconnect(true);
        const answer =
          typeof acknowledge === 'function' ? replier(socket, acknowledge as Acknowledge) : () => {};
        try {
          const fields = typeof payload === 'object' && payload !== null ? (payload as Payload) : {};
          answer({ ok: true, ...(await call(socket, fields)) });
        } catch (error) {
          answer({ ok: false, error: errorToData(error) });
        }
        return undefined;
      });
    }
    socket.on('disconnect', () => {
      notebooks.viewerLeft(undefined, socket.id);
      presences.drop(socket.id);
    });
  });
  return {
    broadcast(path, batch) {
      for (const id of io.sockets.adapter.rooms.get(path) ?? []) {
        const socket = io.sockets.sockets.get(id);
        if (socket && backlogOf(socket) > MAX_BACKLOG_BYTES) {
          // It will see a gap in the sequence when it reads again, and ask for what it missed.
          socket.leave(path);
          socket.emit('notebook:behind', { path });
        }
      }
      const room = io.to(path);
      // Batches hold as many events as fit; only one huge event makes them larger.
      const parts = jsonSize(batch) > MAX_MESSAGE_BYTES ? bytesOf(messageParts(batch)) : undefined;
      if (!parts) {
        room.emit('events', { path, ...batch });
        return;
      }
      const id = randomUUID();
      for (const bytes of parts) room.emit('message:part', { id, bytes });
      room.emit('events', { path, inParts: id });
    },
    moved: (from, to) => void io.to(from).emit('notebook:moved', { from, to }),
    filesChanged: () => void io.emit('files:changed'),
    close: async () => {
      await io.close();
    },
  };
}

interface Connection {
  transport: { socket?: { bufferedAmount?: number } };
  /** Packets that wait until the transport has sent those before them. */
  writeBuffer: { data?: string | ArrayBufferView }[];
}

function backlogOf(socket: Socket): number {
  const { transport, writeBuffer } = socket.conn as unknown as Connection;
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer)
    bytes += typeof data === 'string' ? data.length : (data?.byteLength ?? 0);
  return bytes;
}
