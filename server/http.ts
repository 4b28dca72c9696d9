/** Every HTTP request passes here first: host, origin, token, cookie, headers; then outputs, then the pages. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from './auth.ts';
import type { FileTransfer } from './file-transfer.ts';
import type { RichOutputs } from './rich-outputs.ts';
import { SIGN_IN_PAGE, SIGN_IN_POLICY, SIGN_IN_TEXT } from './sign-in-page.ts';

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Headers a client may not set: Next and proxies give them meaning. */
const SPOOFABLE =
  /^(x-middleware-|x-forwarded-|x-original-|x-rewrite-|x-http-method|x-nonce$|forwarded$|content-security-policy)/;

function pagePolicy(nonce: string, host: string, secure: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self' ${secure ? 'wss' : 'ws'}://${host}`,
    "worker-src 'self' blob:",
    "frame-src 'self'",
    "frame-ancestors 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
}

/** The policy of a user's HTML: an opaque origin that can run its own script and reach nothing. */
const OUTPUT_POLICY = [
  'sandbox allow-scripts',
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "frame-ancestors 'self'",
].join('; ');

function deny(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${message}\n`);
}

/** Where a request with its token is sent: the same page on this server without the token, never another server. */
function withoutToken(url: URL): string {
  url.searchParams.delete('token');
  const path = `/${url.pathname.replace(/^[/\\]+/, '')}`;
  return `${path}${url.search}`;
}

/** A browser is told as a page, everyone else in two lines. */
function askForToken(request: IncomingMessage, response: ServerResponse): void {
  if (!request.headers.accept?.includes('text/html')) {
    deny(response, 401, SIGN_IN_TEXT);
    return;
  }
  response.writeHead(401, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': SIGN_IN_POLICY,
    'cache-control': 'no-store',
  });
  response.end(SIGN_IN_PAGE);
}

export function makeRequestHandler(
  access: Access,
  outputs: RichOutputs,
  pages: PageHandler,
  secure: boolean,
  transfers?: FileTransfer,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    const isUpload = request.method === 'POST' && transfers?.isUpload(request.url) === true;
    // What changes something must say where it comes from.
    const denial = access.checkOrigin(request.headers, isUpload ? 'socket' : 'page');
    if (denial) return deny(response, denial.status, denial.message);
    if (request.method !== 'GET' && request.method !== 'HEAD' && !isUpload) {
      response.setHeader('allow', 'GET, HEAD');
      return deny(response, 405, 'only GET and HEAD are answered here');
    }
    let url: URL;
    try {
      url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    } catch {
      return deny(response, 400, 'that address cannot be read');
    }
    const token = url.searchParams.get('token');
    if (token !== null && !isUpload && access.isToken(token)) {
      response.setHeader('set-cookie', access.cookie());
      response.writeHead(302, { location: withoutToken(url), 'cache-control': 'no-store' });
      response.end();
      return;
    }
    if (!access.isAuthenticated(request.headers)) return askForToken(request, response);
    if (url.pathname.startsWith('/output/')) {
      const output = outputs.get(url.pathname.slice('/output/'.length));
      if (output === undefined)
        return deny(response, 404, 'that output is no longer there: run its cell again');
      response.writeHead(200, {
        'content-type': output.contentType,
        'content-security-policy': OUTPUT_POLICY,
        'cache-control': 'no-store',
      });
      response.end(output.body);
      return;
    }
    if (transfers?.handle(request, response, url)) return;
    for (const name of Object.keys(request.headers)) if (SPOOFABLE.test(name)) delete request.headers[name];
    const nonce = randomBytes(16).toString('base64');
    const policy = pagePolicy(nonce, request.headers.host!, secure);
    request.headers['x-nonce'] = nonce;
    request.headers['content-security-policy'] = policy;
    response.setHeader('content-security-policy', policy);
    pages(request, response).catch((error) => {
      process.stderr.write(`stagelight: ${url.pathname}: ${error instanceof Error ? error.stack : error}\n`);
      if (!response.headersSent) deny(response, 500, 'the page could not be made; the server log says why');
      else response.destroy();
    });
  };
}
