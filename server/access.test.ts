/** The attacks that must fail: every route, tried without the right to it; of socket calls see `socket-access.test.ts`. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Access } from './auth.ts';
import {
  type Answer,
  cookie,
  get,
  outputs,
  pageHeaders,
  pagesServed,
  port,
  root,
  serveForTests,
  token,
} from './test-access-server.ts';

serveForTests();

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
