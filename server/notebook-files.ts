/** The notebook files under the server's root: found, opened, created, saved; nothing outside the root is touched. */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  copyFile,
  cp,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { StagelightError } from '../engine/errors.ts';
import { demoOrder } from './demo-order.ts';
import { headingOf } from './notebook-heading.ts';

export interface NotebookListing {
  path: string;
  title: string;
  description?: string;
  modifiedAt: number;
  demo: boolean;
}

export interface NotebookText {
  text: string;
  /** Content hash, to notice that someone else changed the file. */
  version: string;
}

const MAX_NOTEBOOK_BYTES = 32 * 1024 ** 2;
const MAX_LISTED = 500;
const MAX_DEPTH = 5;
const HEAD_BYTES = 16 * 1024;
const MARKER = /^\/\/ %%/m;

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function fileError(error: unknown, path: string): StagelightError {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof StagelightError) return error;
  if (code === 'ENOENT') {
    return new StagelightError('NOTEBOOK_NOT_FOUND', `there is no notebook "${path}"`, {
      hint: 'It may have been moved or deleted. The home page lists what is there.',
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new StagelightError('NOTEBOOK_NOT_PERMITTED', `"${path}" may not be read or written`, {
      hint: 'Change the permissions of the file or its folder, or save under another name.',
      cause: error,
    });
  }
  if (code === 'ENOSPC') {
    return new StagelightError('DISK_FULL', `the disk is full: "${path}" was not saved`, {
      hint: 'Free some space; the page keeps your text and tries again.',
      cause: error,
    });
  }
  return new StagelightError('NOTEBOOK_FILE', `"${path}": ${(error as Error).message}`, { cause: error });
}

export class NotebookFiles {
  readonly root: string;
  readonly #demos: string;

  /** `demos` is the folder of notebooks that ship with the program; opening one copies it into the root. */
  constructor(root: string, demos: string) {
    this.root = root;
    this.#demos = demos;
  }

  /** The absolute path of a notebook named by a client. Refuses whatever leaves the root, also through links. */
  async locate(path: string): Promise<string> {
    const refuse = () =>
      new StagelightError('NOTEBOOK_PATH', `"${path}" is not a notebook's path`, {
        hint: 'Name a .ts file inside the notebook folder, without "..", hidden folders or special characters.',
      });
    const parts = path.split('/');
    const bad = (part: string) =>
      part === '' || part.startsWith('.') || part === 'node_modules' || part.length > 200;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    if (path.length > 1000 || /[\0-\x1f\\:]/.test(path) || !path.endsWith('.ts') || parts.some(bad))
      throw refuse();
    const absolute = resolve(this.root, path);
    const realRoot = await realpath(this.root);
    let existing = absolute;
    for (;;) {
      try {
        const real = await realpath(existing);
        if (real !== realRoot && !real.startsWith(realRoot + sep)) throw refuse();
        return absolute;
      } catch (error) {
        if (error instanceof StagelightError) throw error;
        if (existing === this.root) throw fileError(error, path);
        existing = dirname(existing);
      }
    }
  }

  async list(): Promise<NotebookListing[]> {
    const found: NotebookListing[] = [];
    await this.#walk(this.root, 0, found, false);
    const shipped: NotebookListing[] = [];
    await this.#walk(this.#demos, 0, shipped, true);
    const own = found.map((notebook) => ({ ...notebook, demo: notebook.path.startsWith('demos/') }));
    const taken = new Set(own.map((notebook) => notebook.path));
    const all = [...own, ...shipped.filter((notebook) => !taken.has(notebook.path))];
    return [
      ...all.filter((notebook) => !notebook.demo),
      ...all.filter((notebook) => notebook.demo).sort(demoOrder),
    ];
  }

  async #walk(folder: string, depth: number, found: NotebookListing[], demo: boolean): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
      if (found.length >= MAX_LISTED) return;
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH) await this.#walk(path, depth + 1, found, demo);
      } else if (entry.isFile() && entry.name.endsWith('.ts')) {
        const listing = await this.#describeFile(path, demo).catch(() => undefined);
        if (listing) found.push(listing);
      }
    }
  }

  async #describeFile(path: string, demo: boolean): Promise<NotebookListing | undefined> {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = buffer.toString('utf8', 0, bytesRead);
      if (!MARKER.test(head)) return undefined;
      const base = demo ? this.#demos : this.root;
      const name = relative(base, path).split(sep).join('/');
      const { mtimeMs } = await file.stat();
      return { path: demo ? `demos/${name}` : name, ...headingOf(head, path), modifiedAt: mtimeMs, demo };
    } finally {
      await file.close();
    }
  }

  /** Reads a notebook; a demo not yet in the root is copied there first, with the data beside it. */
  async read(path: string): Promise<NotebookText> {
    const absolute = await this.locate(path);
    try {
      if (path.startsWith('demos/')) await this.#copyDemo(path.slice('demos/'.length), absolute);
      const info = await stat(absolute);
      if (!info.isFile()) throw new StagelightError('NOTEBOOK_PATH', `"${path}" is not a file`);
      if (info.size > MAX_NOTEBOOK_BYTES) {
        throw new StagelightError(
          'NOTEBOOK_TOO_LARGE',
          `"${path}" has ${info.size} bytes; notebooks may have 32 MB`,
          {
            hint: 'Keep data in files of its own and read it with sc.textFile.',
          },
        );
      }
      const bytes = await readFile(absolute);
      // A zero that someone typed into a cell makes no binary of a notebook.
      if (bytes.includes(0) && !MARKER.test(bytes.toString('utf8'))) {
        throw new StagelightError('NOTEBOOK_BINARY', `"${path}" is a binary file, not TypeScript`, {
          hint: 'Open a .ts file with cells marked by lines that begin with "// %%".',
        });
      }
      const text = bytes.toString('utf8');
      return { text, version: versionOf(text) };
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** Changes whenever the file does; empty when there is none. */
  async stamp(path: string): Promise<string> {
    return stat(await this.locate(path), { bigint: true }).then(
      ({ ino, size, mtimeNs }) => `${ino} ${size} ${mtimeNs}`,
      () => '',
    );
  }

  async #copyDemo(name: string, absolute: string): Promise<void> {
    const source = join(this.#demos, name);
    const isThere = (path: string) =>
      access(path).then(
        () => true,
        () => false,
      );
    if ((await isThere(absolute)) || !(await isThere(source))) return;
    await mkdir(dirname(absolute), { recursive: true });
    const data = join(this.#demos, 'data');
    if (await isThere(data))
      await cp(data, join(this.root, 'demos', 'data'), { recursive: true, force: false });
    await copyFile(source, absolute, constants.COPYFILE_EXCL);
  }

  /** Creates an empty notebook with a free name made from `name`; returns its path. */
  async create(name: string): Promise<string> {
    const stem =
      name
        .trim()
        .replace(/\.ts$/, '')
        .replace(/^\/+|\/+$/g, '') || 'untitled';
    for (let n = 1; n < 1000; n++) {
      const path = `${stem}${n === 1 ? '' : `-${n}`}.ts`;
      const absolute = await this.locate(path);
      try {
        await mkdir(dirname(absolute), { recursive: true });
        const file = await open(absolute, 'wx');
        const id = randomBytes(4).toString('hex');
        await file.writeFile(`// %% id="${id}"\n`);
        await file.close();
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, path);
      }
    }
    throw new StagelightError('NOTEBOOK_EXISTS', `every name like "${stem}" is taken`, {
      hint: 'Choose another name.',
    });
  }

  /** Replaces a notebook's text in one step: a crash leaves the old text or the new, never half of it. */
  async write(path: string, text: string): Promise<NotebookText> {
    const absolute = await this.locate(path);
    try {
      await writeAtomically(absolute, text);
      return { text, version: versionOf(text) };
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** Where outputs of a notebook are kept: `.stagelight/<name>.outputs.json` beside it. */
  async outputsFile(path: string): Promise<string> {
    const absolute = await this.locate(path);
    return join(dirname(absolute), '.stagelight', `${basename(absolute)}.outputs.json`);
  }
}

/** Writes to a file of its own, flushes it, then renames; follows a symbolic link to what it names. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const isLink = await lstat(path).then(
    (info) => info.isSymbolicLink(),
    () => false,
  );
  const target = isLink ? await realpath(path) : path;
  await mkdir(dirname(target), { recursive: true });
  // A read-only file must refuse, though renaming over it would work.
  await access(target, constants.W_OK).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
  const mode = await stat(target).then(
    (info) => info.mode & 0o777,
    () => 0o644,
  );
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
