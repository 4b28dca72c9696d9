/** The attacks that must fail: every route and every socket call, tried without the right to it. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_CELL_CHARACTERS } from '../engine/viewer-protocol.ts';
import { Access, makeToken } from './auth.ts';
import { FileTransfer } from './file-transfer.ts';
import { type Gateway, socketCalls, startGateway } from './gateway.ts';
import { makeRequestHandler } from './http.ts';
import { NotebookFiles } from './notebook-files.ts';
import { Notebooks } from './notebooks.ts';
import { RichOutputs } from './rich-outputs.ts';

const token = makeToken();
const outputs = new RichOutputs();
let root: string;
let http: Server;
let port: number;
let notebooks: Notebooks;
let gateway: Gateway;
let pagesServed = 0;
let pageHeaders: Record<string, unknown> = {};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'stagelight-access-'));
  http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  port = (http.address() as AddressInfo).port;
  const access = new Access({ token, port, host: '127.0.0.1', secure: false });
  notebooks = new Notebooks({
    files: new NotebookFiles(root, join(root, 'no-demos')),
    outputs,
    options: { executors: 1, executorMemory: 1e8, maxKernels: 1, idleKernel: 1e9, historyMax: 0 },
    broadcast: (path, batch) => gateway.broadcast(path, batch),
  });
  http.on(
    'request',
    makeRequestHandler(
      access,
      outputs,
      async (incoming, response) => {
        pagesServed += 1;
        pageHeaders = { ...incoming.headers };
        response.end('page');
      },
      false,
      new FileTransfer(notebooks),
    ),
  );
  gateway = startGateway(http, access, notebooks);
});

afterAll(async () => {
  await notebooks.close();
  await gateway.close();
  http.close();
  await rm(root, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const cookie = () => ({ cookie: `stagelight-${port}=${token}` });

describe('pages', () => {
  test('without a token a browser is shown a page of its own, a program two lines', async () => {
    const page = await get('/', { accept: 'text/html,*/*' });
    expect([page.status, page.headers['content-type']]).toEqual([401, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.body).toContain('?token=');
    const text = await get('/');
    expect([text.status, text.headers['content-type']]).toEqual([401, 'text/plain; charset=utf-8']);
    expect(text.body).toContain('?token=');
  });

  const paths = [
    '/',
    '/notebook?path=a.ts',
    '/_next/static/x.js',
    '/output/abc',
    '/favicon.ico',
    '/api/anything',
    '/download?path=a.ts',
    '/upload',
  ];
  test.each(paths)(
    '%s without, with a wrong or with a cut token is refused before any handler',
    async (path) => {
      const before = pagesServed;
      expect((await get(path)).status).toBe(401);
      expect((await get(path, { cookie: `stagelight-${port}=${token.slice(1)}` })).status).toBe(401);
      expect((await get(path, { cookie: `stagelight-1=${token}` })).status).toBe(401);
      expect((await get(`${path}${path.includes('?') ? '&' : '?'}token=wrong`)).status).toBe(401);
      expect(pagesServed).toBe(before);
    },
  );

  test.each(['attacker.test', '127.0.0.1.attacker.test', '0.0.0.0', 'localhost.attacker.test'])(
    'the host name %s is refused, with the right cookie too',
    async (name) => {
      expect((await get('/', { ...cookie(), host: `${name}:${port}` })).status).toBe(403);
      expect((await get('/', { ...cookie(), host: `localhost:${port + 1}` })).status).toBe(403);
    },
  );

  test('on the port that a scheme implies, the host name comes without it', () => {
    const denial = (secure: boolean, on: number, host: string, origin?: string) =>
      new Access({ token, port: on, host: '127.0.0.1', secure }).checkOrigin(
        { host, ...(origin && { origin }) },
        origin ? 'socket' : 'page',
      );
    expect(denial(false, 80, 'localhost', 'http://localhost')).toBeUndefined();
    expect(denial(true, 443, 'localhost', 'https://localhost')).toBeUndefined();
    expect(denial(true, 80, 'localhost')).toBeDefined();
    expect(denial(false, 8787, 'localhost')).toBeDefined();
    expect(denial(false, 80, 'attacker.test')).toBeDefined();
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is answered by nothing', async (method) => {
    const before = pagesServed;
    expect((await get('/', cookie(), method)).status).toBe(405);
    expect(pagesServed).toBe(before);
  });

  test('another origin is refused, also one on another port of this machine', async () => {
    for (const origin of [
      'null',
      'http://attacker.test',
      `http://localhost:${port + 1}`,
      `https://127.0.0.1:${port}`,
    ]) {
      expect((await get('/', { ...cookie(), origin })).status).toBe(403);
    }
  });

  test('the token in an address becomes a cookie and leaves the address', async () => {
    const { status, headers } = await get(`/notebook?path=a.ts&token=${token}`);
    expect(status).toBe(302);
    expect(headers['location']).toBe('/notebook?path=a.ts');
    expect(headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict$/);
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  test.each(['//evil.test/', '/\\evil.test/', '//evil.test/%2e%2e'])(
    'a sign-in at %s stays on this server',
    async (path) => {
      const { headers } = await get(`${path}?token=${token}`);
      expect(new URL(String(headers['location']), 'http://here').host).toBe('here');
    },
  );

  test('a page has a policy with a nonce of its own, and a client cannot set the headers that Next trusts', async () => {
    const spoofed = {
      'x-middleware-subrequest': 'a',
      'x-forwarded-host': 'b',
      'x-nonce': 'c',
      'x-original-url': '/d',
    };
    const first = await get('/', { ...cookie(), ...spoofed });
    const second = await get('/', cookie());
    const nonce = (answer: Answer) =>
      /'nonce-([^']+)'/.exec(String(answer.headers['content-security-policy']))?.[1];
    expect(nonce(first)).toBeTruthy();
    expect(nonce(first)).not.toBe(nonce(second));
    expect(first.headers['x-content-type-options']).toBe('nosniff');
    await get('/', { ...cookie(), ...spoofed });
    expect(pageHeaders['x-middleware-subrequest']).toBeUndefined();
    expect(pageHeaders['x-forwarded-host']).toBeUndefined();
    expect(pageHeaders['x-original-url']).toBeUndefined();
    expect(pageHeaders['x-nonce']).not.toBe('c');
  });

  test('an HTML output is served alone in a sandbox without origin', async () => {
    const id = outputs.register({ contentType: 'text/html', body: '<script>parent.document</script>' });
    const { status, headers } = await get(`/output/${id}`, cookie());
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/^sandbox allow-scripts; default-src 'none'/);
    expect((await get('/output/guess', cookie())).status).toBe(404);
  });
});

describe('uploads and downloads', () => {
  const origin = () => ({ origin: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}` });
  const upload = (query: string, headers: Record<string, string>) => get(`/upload?${query}`, headers, 'POST');

  test('an upload needs the cookie and this very origin, stated', async () => {
    expect((await upload('name=a.csv', origin())).status).toBe(401);
    expect((await upload('name=a.csv', cookie())).status).toBe(403);
    for (const foreign of ['null', 'http://attacker.test', `http://127.0.0.1:${port + 1}`])
      expect((await upload('name=a.csv', { ...cookie(), origin: foreign })).status).toBe(403);
    expect((await upload(`name=a.csv&token=${token}`, origin())).status).toBe(401);
    expect(await readdir(root)).not.toContain('a.csv');
    expect((await upload('name=a.csv', { ...cookie(), ...origin() })).status).toBe(200);
    expect(await readdir(root)).toContain('a.csv');
  });

  test.each(['PUT', 'PATCH', 'DELETE'])('%s is no upload, and no page is posted to', async (method) => {
    expect((await get('/upload?name=b.csv', { ...cookie(), ...origin() }, method)).status).toBe(405);
    expect((await get('/upload/x?name=b.csv', { ...cookie(), ...origin() }, 'POST')).status).toBe(405);
    expect((await get('/download?path=a.csv', { ...cookie(), ...origin() }, 'POST')).status).toBe(405);
  });

  test.each([
    '../a.csv',
    '/etc/passwd',
    '..%2F..%2Fetc%2Fpasswd',
    '.stagelight/bin/x',
    '.token',
    'a%00.csv',
    '',
    'C%3A%5Ca',
  ])('the path %s is neither read nor written', async (path) => {
    expect((await get(`/download?path=${path}`, cookie())).status).toBe(400);
    const folder = await upload(`folder=${path || '..'}&name=x.csv`, { ...cookie(), ...origin() });
    expect(folder.status).toBe(400);
    expect((await upload(`name=${path}`, { ...cookie(), ...origin() })).status).toBe(400);
  });

  test('a download is an attachment that no browser shows or runs', async () => {
    await writeFile(join(root, 'page "1" é.html'), '<script>alert(1)</script>');
    const { status, headers, body } = await get(
      `/download?path=${encodeURIComponent('page "1" é.html')}`,
      cookie(),
    );
    expect({ status, body }).toEqual({ status: 200, body: '<script>alert(1)</script>' });
    expect(headers['content-disposition']).toBe(
      `attachment; filename="page _1_ _.html"; filename*=UTF-8''page%20%221%22%20%C3%A9.html`,
    );
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toMatch(/^sandbox/);
  });
});

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
