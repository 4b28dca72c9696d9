/** The vocabulary of the end-to-end stories: a server of one's own, a notebook, its cells, a file held back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Locator, type Page } from '@playwright/test';

const ROOT = join(import.meta.dirname, '..');

export interface StagelightServer {
  url: string;
  origin: string;
  token: string;
  root: string;
  /** Ends the server process with SIGKILL, as a crash would, and starts another on the same port and folder. */
  crashAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

function start(root: string, port: number, tokenFile: string): Promise<{ child: ChildProcess; url: string }> {
  const args = [
    'serve',
    '--port',
    String(port),
    '--root',
    root,
    '--no-open',
    '--token-file',
    tokenFile,
    '--executors',
    '2',
  ];
  const child = spawn(process.execPath, [join(ROOT, 'cli/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk;
      const url = /https?:\/\/\S+token=\S+/.exec(output)?.[0];
      if (url) resolve({ child, url });
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.on('exit', (code) =>
      reject(new Error(`the server ended with ${code} before it served:\n${output}`)),
    );
  });
}

function ended(child: ChildProcess): Promise<void> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));
}

export async function startServer(): Promise<StagelightServer> {
  const root = await mkdtemp(join(tmpdir(), 'stagelight-e2e-'));
  const tokenFile = join(root, '.token');
  let { child, url } = await start(root, 0, tokenFile);
  const { origin, searchParams, port } = new URL(url);
  return {
    url,
    origin,
    token: searchParams.get('token')!,
    root,
    async crashAndRestart() {
      child.kill('SIGKILL');
      await ended(child);
      ({ child, url } = await start(root, Number(port), tokenFile));
    },
    async stop() {
      child.kill('SIGTERM');
      await ended(child);
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A text file served over HTTP that answers only when the test says so: whoever reads it is held "running". */
export interface HeldFile {
  url: string;
  /** Resolves when someone has asked for the file. */
  requested: Promise<void>;
  release(text: string): void;
}

export async function heldFile(): Promise<HeldFile & { close(): Promise<void> }> {
  const waiting: ServerResponse[] = [];
  let text: string | undefined;
  let onRequest: () => void = () => {};
  const requested = new Promise<void>((resolve) => {
    onRequest = resolve;
  });
  const http = createServer((_request, response) => {
    onRequest();
    if (text === undefined) waiting.push(response);
    else response.end(text);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/held.txt`,
    requested,
    release(released) {
      text = released;
      for (const response of waiting.splice(0)) response.end(released);
    },
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  };
}

export class NotebookPage {
  readonly page: Page;
  readonly path: string;

  constructor(page: Page, path: string) {
    this.page = page;
    this.path = path;
  }

  /** The nth cell, counted from 1. */
  cell(n: number): Locator {
    return this.page.getByRole('region', { name: `Cell ${n}`, exact: true });
  }

  editor(n: number): Locator {
    return this.cell(n).getByRole('textbox').first();
  }

  /** Replaces the text of a cell by typing into its editor. */
  async write(n: number, source: string): Promise<void> {
    await this.cell(n).scrollIntoViewIfNeeded();
    await this.cell(n).locator('.monaco-editor').first().click();
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.press('Delete');
    await this.page.keyboard.insertText(source);
  }

  async run(n: number): Promise<void> {
    await this.cell(n).getByRole('button', { name: 'Run cell', exact: true }).click();
  }

  output(n: number): Locator {
    return this.cell(n).getByRole('group', { name: 'Output' });
  }

  get panel(): Locator {
    return this.page.getByRole('complementary', { name: 'Execution' });
  }

  /** A node of the stage graph, by its accessible name. */
  stage(name: RegExp): Locator {
    return this.panel.getByRole('button', { name });
  }
}

export interface Fixtures {
  held: HeldFile;
  /** Opens a notebook with these cells (code unless it begins with "# "). */
  openNotebook: (cells: string[], files?: Record<string, string>) => Promise<NotebookPage>;
}

export const test = base.extend<Fixtures, { server: StagelightServer }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a fixture needs from this pattern
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: as above
  held: async ({}, use) => {
    const file = await heldFile();
    await use(file);
    await file.close();
  },
  openNotebook: async ({ page, server }, use, info) => {
    await use(async (cells, files = {}) => {
      const name = `${info.title
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, 60)}.ts`;
      for (const [file, text] of Object.entries(files)) await writeFile(join(server.root, file), text);
      const text = cells
        .map((source, i) =>
          source.startsWith('# ')
            ? `// %% [markdown] id="c${i + 1}"\n${source.replace(/^/gm, '// ')}\n`
            : `// %% id="c${i + 1}"\n${source}\n`,
        )
        .join('\n');
      await writeFile(join(server.root, name), text);
      await page.goto(`${server.origin}/?token=${server.token}`);
      await page.goto(`${server.origin}/notebook?path=${encodeURIComponent(name)}`);
      const notebook = new NotebookPage(page, name);
      await expect(notebook.cell(1)).toBeVisible();
      return notebook;
    });
  },
});

export { expect };
