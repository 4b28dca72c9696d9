/** A server of its own for tests of access: all routes and calls, pages that are only counted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Access, makeToken } from './auth.ts';
import { FileTransfer } from './file-transfer.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { makeRequestHandler } from './http.ts';
import { NotebookFiles } from './notebook-files.ts';
import { Notebooks } from './notebooks.ts';
import { RichOutputs } from './rich-outputs.ts';

export const token = makeToken();
export const outputs = new RichOutputs();
export let root: string;
let http: Server;
export let port: number;
export let notebooks: Notebooks;
let gateway: Gateway;
export let pagesServed = 0;
export let pageHeaders: Record<string, unknown> = {};

/** For all tests of the file that calls it. */
export function serveForTests(): void {
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
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
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

export const cookie = () => ({ cookie: `stagelight-${port}=${token}` });
