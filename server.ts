/** http + Next + gateway + kernels: the only file that knows all rooms. */
import { readFileSync, statSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { networkInterfaces } from 'node:os';
import next from 'next';
import { StagelightError } from './engine/errors.ts';
import { Access } from './server/auth.ts';
import { FileTransfer } from './server/file-transfer.ts';
import { type Gateway, startGateway } from './server/gateway.ts';
import { makeRequestHandler, type PageHandler } from './server/http.ts';
import { listen } from './server/listen.ts';
import { NotebookFiles } from './server/notebook-files.ts';
import { Notebooks } from './server/notebooks.ts';
import type { ServerOptions } from './server/options.ts';
import { demoFolder, programRoot } from './server/places.ts';
import { RichOutputs } from './server/rich-outputs.ts';
import { obtainToken } from './server/token-file.ts';

export interface RunningServer {
  /** The address with its token. */
  url: string;
  warning?: string;
  close(): Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/** Listens at once, so that the address is known and taken; pages answer as soon as Next is ready. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  if (!statSync(options.root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StagelightError('ROOT_NOT_FOUND', `there is no folder "${options.root}"`, {
      hint: 'Make it first, or name another with --root.',
    });
  }
  const secure = options.tlsCert !== undefined;
  const http = secure
    ? createHttpsServer({ cert: readFileSync(options.tlsCert!), key: readFileSync(options.tlsKey!) })
    : createHttpServer();
  const token = await obtainToken(options.tokenFile);
  // From here to the gateway nothing waits: a page that reconnects to a restarted server must find it listening in
  // full, or its handshake would be taken by nobody and end only by its own timeout.
  const port = await listen(http, options);
  const access = new Access({ token, port, host: options.host, secure });
  if (!LOOPBACK.has(options.host)) {
    for (const addresses of Object.values(networkInterfaces())) {
      for (const { address, family } of addresses ?? [])
        access.allowHost(family === 'IPv6' ? `[${address}]` : address);
    }
  }
  const outputs = new RichOutputs();
  let gateway: Gateway | undefined;
  const notebooks = new Notebooks({
    files: new NotebookFiles(options.root, demoFolder),
    outputs,
    options,
    broadcast: (path, batch) => gateway?.broadcast(path, batch),
    moved: (from, to) => gateway?.moved(from, to),
    filesChanged: () => gateway?.filesChanged(),
  });
  const app = next({
    dev: false,
    dir: programRoot,
    hostname: options.host,
    port,
  });
  const ready = app.prepare();
  const pages: PageHandler = async (request, response) => {
    await ready;
    await app.getRequestHandler()(request, response);
  };
  http.on('request', makeRequestHandler(access, outputs, pages, secure, new FileTransfer(notebooks)));
  gateway = startGateway(http, access, notebooks);
  await ready;
  const name =
    LOOPBACK.has(options.host) || options.host === '0.0.0.0' || options.host === '::'
      ? 'localhost'
      : options.host;
  const running: RunningServer = {
    url: `${secure ? 'https' : 'http'}://${name}:${port}/?token=${token}`,
    async close() {
      await notebooks.close();
      await gateway?.close();
      http.closeAllConnections();
      await app.close();
    },
  };
  if (!LOOPBACK.has(options.host)) {
    running.warning = `Warning: listening on ${options.host}. Whoever reaches this port and has the token can run code as you${secure ? '' : ', and without --tls-cert the token travels unencrypted'}.`;
  }
  return running;
}
