/** The vocabulary of the end-to-end stories: a server of one's own, a notebook, its cells, a file held back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { io } from 'socket.io-client';
import { SERVER_FLAGS } from '../cli/server-flags.ts';

const ROOT = join(import.meta.dirname, '..');

export interface StagelightServer {
  /** The address with its token. */
  url: string;
  origin: string;
  root: string;
  /** How often {@link StagelightServer.crashAndRestart} was called. */
  readonly crashes: number;
  /**
   * Ends the server process with SIGKILL, as a crash would, and starts another on the same port and folder; `meanwhile`
   * is what happens while there is none.
   */
  crashAndRestart(meanwhile?: () => Promise<void>): Promise<void>;
  /** Closes the notebooks of a story, with their kernels, and removes its files: the next begins as the first did. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

function start(
  root: string,
  port: number,
  tokenFile: string,
  more: readonly string[],
): Promise<{ child: ChildProcess; url: string }> {
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
    ...more,
  ];
  const child = spawn(process.execPath, [...SERVER_FLAGS, join(ROOT, 'cli/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk;
      const url = /(https?:\/\/\S+token=\S+)\s/.exec(output)?.[1];
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

/** `more`: further options of `serve`. */
export async function startServer(more: readonly string[] = []): Promise<StagelightServer> {
  const root = await mkdtemp(join(tmpdir(), 'stagelight-e2e-'));
  const tokenFile = join(root, '.token');
  let { child, url } = await start(root, 0, tokenFile, more);
  const { origin, port } = new URL(url);
  let crashes = 0;
  return {
    url,
    origin,
    root,
    get crashes() {
      return crashes;
    },
    async crashAndRestart(meanwhile) {
      crashes++;
      child.kill('SIGKILL');
      await ended(child);
      await meanwhile?.();
      ({ child, url } = await start(root, Number(port), tokenFile, more));
    },
    async clear() {
      const entered = await fetch(url, { redirect: 'manual' });
      const cookie = entered.headers.getSetCookie().map((set) => set.split(';')[0]);
      const headers = { origin, cookie: cookie.join('; ') };
      const socket = io(origin, { transports: ['websocket'], extraHeaders: headers, forceNew: true });
      try {
        const { kernels } = await socket.emitWithAck('files:list', { folder: '' });
        for (const path of Object.keys(kernels)) await socket.emitWithAck('files:delete', { path });
        await socket.emitWithAck('files:emptyBin', { all: true });
      } finally {
        socket.close();
      }
      for (const name of await readdir(root)) {
        if (join(root, name) !== tokenFile) await rm(join(root, name), { recursive: true, force: true });
      }
    },
    async stop() {
      child.kill('SIGTERM');
      await ended(child);
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A file over HTTP that answers only when the test says so: whoever reads it is held "running". */
export interface HeldFile {
  url: string;
  /** The query of every request so far, in order: what the reader told about itself. */
  readonly requests: readonly URLSearchParams[];
  /** Resolves when the file has been asked for this many times. */
  requested(times?: number): Promise<void>;
  /** Answers those who wait, and whoever asks from now on. */
  release(text: string): void;
}

export async function heldFile(): Promise<HeldFile & { close(): Promise<void> }> {
  const waiting: ServerResponse[] = [];
  const requests: URLSearchParams[] = [];
  const expected: { times: number; arrived: () => void }[] = [];
  let text: string | undefined;
  const http = createServer((request, response) => {
    requests.push(new URL(request.url ?? '/', 'http://localhost').searchParams);
    for (const { times, arrived } of expected) if (requests.length >= times) arrived();
    if (text === undefined) waiting.push(response);
    else response.end(text);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/held.txt`,
    requests,
    requested: (times = 1) =>
      new Promise((arrived) => {
        if (requests.length >= times) arrived();
        else expected.push({ times, arrived });
      }),
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
    // For a moment the text is still there beside the editor that takes its place.
    return this.cell(n)
      .getByRole('textbox', { name: /of cell \d+\. Escape leaves the editor/ })
      .first();
  }

  /** Puts the focus into the editor of a cell: until there is one with its text, the focus stays where it will be. */
  async enter(n: number): Promise<void> {
    await expect(async () => {
      await this.editor(n).focus();
      const editor = this.cell(n).locator('.cell-host').getByRole('textbox');
      await expect(editor).toBeFocused({ timeout: 1000 });
    }).toPass();
  }

  /** Replaces the text of a cell by typing into its editor. */
  async write(n: number, source: string): Promise<void> {
    await this.enter(n);
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.press('Delete');
    await this.page.keyboard.insertText(source);
  }

  /**
   * Points at a name in the editor of a cell until the page says `words` of it. A line that has no colours yet is one
   * piece, whose middle is another word, or none: the pointer, once there, would wait for nothing.
   */
  async explain(n: number, name: string, words: string): Promise<void> {
    await expect(async () => {
      await this.page.mouse.move(0, 0);
      await this.cell(n).locator('.view-line span span').filter({ hasText: name }).last().hover();
      await expect(this.page.locator('.monaco-hover:visible')).toContainText(words, { timeout: 3000 });
    }).toPass();
  }

  /**
   * Deletes what is selected by pressing D twice, until `seen` holds. The page takes two presses for one only when one
   * soon follows the other, and a busy one is late with its answer to the first.
   */
  async deleteSelected(seen: (limit: { timeout: number }) => Promise<void>): Promise<void> {
    await expect(async () => {
      const isDone = await seen({ timeout: 1 }).then(
        () => true,
        () => false,
      );
      if (isDone) return;
      await this.page.keyboard.press('d');
      await this.page.keyboard.press('d');
      await seen({ timeout: 10_000 });
    }).toPass();
  }

  async run(n: number): Promise<void> {
    await this.cell(n)
      .getByRole('button', { name: `Run cell ${n} and stay` })
      .click();
  }

  async runAll(): Promise<void> {
    await this.page.getByRole('button', { name: 'Run all' }).click();
  }

  async interrupt(): Promise<void> {
    await this.page.getByRole('button', { name: 'Interrupt', exact: true }).click();
  }

  /** The line under a cell that begins with the state of its run. */
  state(n: number): Locator {
    return this.cell(n)
      .getByRole('paragraph')
      .filter({ hasText: /^(queued|running|done|error|interrupted|not run)/ });
  }

  output(n: number): Locator {
    return this.cell(n).getByRole('group', { name: `Output of cell ${n}` });
  }

  /** The first error among a cell's outputs. */
  error(n: number): Locator {
    return this.output(n).getByRole('group', { name: 'Error', exact: true }).first();
  }

  get kernel(): Locator {
    return this.page.getByRole('status', { name: 'Kernel' });
  }

  get panel(): Locator {
    return this.page.getByRole('complementary', { name: 'Execution' });
  }

  /** The nodes of the stage graph shown, each named with its kind, state and tasks. */
  get stages(): Locator {
    return this.panel.getByRole('group', { name: /^Stage graph of job/ }).getByRole('button');
  }

  /** The rows of the timeline as a table, one per bar. */
  get bars(): Locator {
    return this.panel
      .getByRole('group', { name: 'Timeline as a table', exact: true })
      .locator('tbody')
      .getByRole('row');
  }

  async showTimelineAsTable(): Promise<void> {
    await this.panel.getByRole('button', { name: 'Timeline as a table' }).click();
  }

  /** The tasks of the stage shown. */
  get tasks(): Locator {
    return this.panel.getByRole('group', { name: /^Tasks of stage/ });
  }
}

export interface Fixtures {
  cleared: void;
  held: HeldFile;
  /** Opens a notebook with these cells (code unless it begins with "# "). */
  openNotebook: (cells: string[]) => Promise<NotebookPage>;
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
  cleared: [
    async ({ server }, use) => {
      await use();
      await server.clear();
    },
    { auto: true },
  ],
  /** The browser's page; a story fails when the page throws, or asks for what its own policy forbids. */
  page: async ({ page, server, cleared: _ }, use) => {
    const complaints: string[] = [];
    const { crashes } = server;
    page.on('pageerror', (error) => {
      // A worker that was just loading when the story ended its server: the page makes another (worker-start.ts).
      if (server.crashes > crashes && /'importScripts' on 'WorkerGlobalScope'/.test(error.message)) return;
      complaints.push(String(error.stack ?? error));
    });
    page.on('console', (message) => {
      const ofOutput = message.location().url.includes('/output/');
      if (!ofOutput && /Content Security Policy|React error/.test(message.text()))
        complaints.push(message.text());
    });
    await use(page);
    expect(complaints, 'errors on the page').toEqual([]);
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  held: async ({}, use) => {
    const file = await heldFile();
    await use(file);
    await file.close();
  },
  openNotebook: async ({ page, server }, use, info) => {
    await use(async (cells) => {
      const name = `${info.title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.ts`;
      await writeFile(join(server.root, name), notebookText(cells));
      // The cookie alone: the page it would come with is not looked at.
      await page.request.get(server.url);
      await page.goto(`${server.origin}/notebook?path=${encodeURIComponent(name)}`);
      const notebook = new NotebookPage(page, name);
      await expect(notebook.cell(1)).toBeVisible();
      return notebook;
    });
  },
});

export function notebookText(cells: string[]): string {
  return cells
    .map((source, i) =>
      source.startsWith('# ')
        ? `// %% [markdown] id="c${i + 1}"\n${source.replace(/^/gm, '// ')}\n`
        : `// %% id="c${i + 1}"\n${source}\n`,
    )
    .join('\n');
}

export { expect };
