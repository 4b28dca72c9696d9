/** Takes a port: the one asked for, or the next free one when the user named none. */
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { StagelightError } from '../engine/errors.ts';

const PORTS_TRIED = 100;

function tryListen(http: HttpServer | HttpsServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(error);
    http.once('error', onError);
    http.listen(port, host, () => {
      http.off('error', onError);
      resolve((http.address() as AddressInfo).port);
    });
  });
}

export async function listen(
  http: HttpServer | HttpsServer,
  { port, portIsFixed, host }: { port: number; portIsFixed: boolean; host: string },
): Promise<number> {
  for (let candidate = port; ; candidate++) {
    try {
      return await tryListen(http, candidate, host);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && !portIsFixed && candidate < port + PORTS_TRIED) continue;
      if (code === 'EADDRINUSE') {
        throw new StagelightError('PORT_TAKEN', `port ${candidate} is taken`, {
          hint: 'Give another with --port, or leave --port out to use the next free one.',
          cause: error,
        });
      }
      throw new StagelightError('LISTEN_FAILED', `cannot listen on ${host}:${candidate}: ${message}`, {
        cause: error,
      });
    }
  }
}
