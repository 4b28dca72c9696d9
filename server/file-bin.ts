/** The bin: what was deleted lies in `.stagelight/bin`, with its outputs, until it is restored or the bin is emptied. */
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StagelightError } from '../engine/errors.ts';
import { type BinEntry, folderOf, nameOf } from '../engine/files-protocol.ts';
import { fileError } from './file-errors.ts';
import { type FileTree, moveOutputs, outputsFileOf } from './file-tree.ts';

const ID = /^[0-9a-z]{6,40}$/;

export class FileBin {
  readonly #tree: FileTree;
  readonly #folder: string;

  constructor(tree: FileTree) {
    this.#tree = tree;
    this.#folder = join(tree.root, '.stagelight', 'bin');
  }

  async delete(path: string, now = Date.now()): Promise<BinEntry> {
    if (path === '') throw new StagelightError('FILE_NAME', 'the notebook folder itself cannot be deleted');
    const source = await this.#tree.locate(path);
    try {
      const kind = (await stat(source)).isDirectory() ? 'folder' : 'file';
      const id = `${now.toString(36)}${randomBytes(4).toString('hex')}`;
      const entry: BinEntry = { id, path, kind, deletedAt: now };
      const place = join(this.#folder, id);
      await mkdir(place, { recursive: true });
      try {
        await writeFile(join(place, 'entry.json'), JSON.stringify(entry));
        await moveAcross(source, join(place, 'content'));
      } catch (error) {
        await rm(place, { recursive: true, force: true });
        throw error;
      }
      if (kind === 'file') await moveOutputs(outputsFileOf(source), join(place, 'outputs.json'));
      return entry;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** What lies in the bin, the latest first. */
  async list(): Promise<BinEntry[]> {
    const ids = (await readdir(this.#folder).catch(() => [])).filter((id) => ID.test(id));
    const entries = await Promise.all(ids.map((id) => this.#read(id).catch(() => undefined)));
    return entries.filter((entry) => entry !== undefined).sort((a, b) => b.deletedAt - a.deletedAt);
  }

  async #read(id: string): Promise<BinEntry> {
    const gone = () =>
      new StagelightError('FILE_NOT_FOUND', 'this is no longer in the bin', {
        hint: 'It may have been restored, or the bin emptied, in another window.',
      });
    if (!ID.test(id)) throw gone();
    const text = await readFile(join(this.#folder, id, 'entry.json'), 'utf8').catch(() => {
      throw gone();
    });
    const { path, kind, deletedAt } = JSON.parse(text) as BinEntry;
    if (typeof path !== 'string' || path === '' || !Number.isFinite(deletedAt)) throw gone();
    return { id, path, kind: kind === 'folder' ? 'folder' : 'file', deletedAt };
  }

  /** Puts an entry back where it was, under another name when that one is taken now; returns its path. */
  async restore(id: string): Promise<string> {
    const { path } = await this.#read(id);
    try {
      const to = await this.#tree.freePath(folderOf(path), nameOf(path));
      const target = await this.#tree.locate(to);
      await mkdir(dirname(target), { recursive: true });
      await moveAcross(join(this.#folder, id, 'content'), target);
      await moveOutputs(join(this.#folder, id, 'outputs.json'), outputsFileOf(target));
      await rm(join(this.#folder, id), { recursive: true, force: true });
      return to;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** Deletes for good: one entry, or all. */
  async empty(id?: string): Promise<void> {
    if (id !== undefined) await this.#read(id);
    try {
      await rm(id === undefined ? this.#folder : join(this.#folder, id), { recursive: true, force: true });
    } catch (error) {
      throw fileError(error, 'the bin');
    }
  }
}

/** A rename, or where a folder is a file system of its own, a copy and then a removal. */
async function moveAcross(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await cp(from, to, { recursive: true, force: false, errorOnExist: true, verbatimSymlinks: true });
    await rm(from, { recursive: true });
  }
}
