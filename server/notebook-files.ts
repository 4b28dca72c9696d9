/** The notebook files under the server's root: found, opened, created, saved; nothing outside the root is touched. */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, cp, mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { StagelightError } from '../engine/errors.ts';
import type { NotebookListing } from '../engine/files-protocol.ts';
import { isMarker } from '../engine/kernel/marker-line.ts';
import { demoOrder } from './demo-order.ts';
import { fileError } from './file-errors.ts';
import { locate } from './file-paths.ts';
import { outputsFileOf } from './file-tree.ts';
import { describeNotebook } from './notebook-title.ts';
import { writeAtomically } from './write-atomically.ts';

export interface NotebookText {
  text: string;
  /** Content hash, to notice that someone else changed the file. */
  version: string;
}

export const MAX_NOTEBOOK_BYTES = 10 * 1024 ** 2;
/** The page of more cells would take the browser minutes. */
export const MAX_NOTEBOOK_CELLS = 10_000;
const MAX_LISTED = 500;
const MAX_DEPTH = 5;
const MARKER = /^\/\/ %%/m;

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function tooLarge(path: string, bytes: number, outcome: string): StagelightError {
  return new StagelightError(
    'NOTEBOOK_TOO_LARGE',
    `"${path}" has ${(bytes / 1024 ** 2).toFixed(1)} MB and was ${outcome}: notebooks may have ${MAX_NOTEBOOK_BYTES / 1024 ** 2} MB`,
    { hint: 'Keep data in files of its own and read it with sc.textFile.' },
  );
}

/** The text, unless its cells are more than a page can show. */
function withCellsToShow(text: string, path: string, outcome: string): string {
  // A text of fewer lines need not be searched.
  const markers = text.split('// %%', MAX_NOTEBOOK_CELLS + 2).length > MAX_NOTEBOOK_CELLS + 1;
  const cells = markers ? text.split(/\r?\n/).filter(isMarker).length : 0;
  if (cells <= MAX_NOTEBOOK_CELLS) return text;
  throw new StagelightError(
    'NOTEBOOK_TOO_LARGE',
    `"${path}" has ${cells.toLocaleString('en')} cells and was ${outcome}: notebooks may have ${MAX_NOTEBOOK_CELLS.toLocaleString('en')}`,
    { hint: 'Split it into several notebooks; each line that begins with "// %%" begins a cell.' },
  );
}

/** The text of a notebook file, its byte order mark kept; refused when a save would change what cannot be read. */
function decodeNotebook(bytes: Uint8Array, path: string): string {
  // A zero that someone typed into a cell makes no binary of a notebook.
  if (bytes.includes(0) && !MARKER.test(Buffer.from(bytes).toString('utf8'))) {
    throw new StagelightError('NOTEBOOK_BINARY', `"${path}" is a binary file, not TypeScript`, {
      hint: 'Open a .ts file with cells marked by lines that begin with "// %%", saved as UTF-8.',
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new StagelightError('NOTEBOOK_ENCODING', `"${path}" is not UTF-8 text`, {
      hint: 'Save it as UTF-8 in the editor that wrote it; here, a save would damage it.',
    });
  }
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
  locate(path: string): Promise<string> {
    return locate(this.root, path, true);
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
    const described = await describeNotebook(path);
    if (!described) return undefined;
    const name = relative(demo ? this.#demos : this.root, path)
      .split(sep)
      .join('/');
    const { mtimeMs } = await stat(path);
    return { path: demo ? `demos/${name}` : name, ...described, modifiedAt: mtimeMs, demo };
  }

  /** Reads a notebook; a demo not yet in the root is copied there first, with the data beside it. */
  async read(path: string): Promise<NotebookText> {
    const absolute = await this.locate(path);
    try {
      if (path.startsWith('demos/')) await this.#copyDemo(path.slice('demos/'.length), absolute);
      const info = await stat(absolute);
      if (info.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
      if (!info.isFile()) throw new StagelightError('NOTEBOOK_PATH', `"${path}" is not a file`);
      if (info.size > MAX_NOTEBOOK_BYTES) throw tooLarge(path, info.size, 'not opened');
      const text = withCellsToShow(decodeNotebook(await readFile(absolute), path), path, 'not opened');
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
    const bytes = Buffer.byteLength(text);
    // What is written must open again.
    if (bytes > MAX_NOTEBOOK_BYTES) throw tooLarge(path, bytes, 'not saved');
    withCellsToShow(text, path, 'not saved');
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
    return outputsFileOf(absolute);
  }
}
