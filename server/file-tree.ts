/** The folders and files under the root as the home page shows and changes them. Nothing is ever overwritten. */
import { constants, type Stats } from 'node:fs';
import { copyFile, cp, lstat, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StagelightError } from '../engine/errors.ts';
import { type FileEntry, type FolderListing, folderOf, joinPath, nameOf } from '../engine/files-protocol.ts';
import { fileError } from './file-errors.ts';
import { alternatives, locate } from './file-paths.ts';
import { describeNotebook } from './notebook-title.ts';

const MAX_LISTED = 1000;
const MAX_FOUND = 200;
const MAX_VISITED = 20_000;

const isShown = (name: string) => !name.startsWith('.') && name !== 'node_modules';
const infoOf = (path: string): Promise<Stats | undefined> => lstat(path).catch(() => undefined);

/** Where the outputs of a notebook lie. */
export function outputsFileOf(absolute: string): string {
  return join(dirname(absolute), '.stagelight', `${basename(absolute)}.outputs.json`);
}

export class FileTree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  locate(path: string): Promise<string> {
    return locate(this.root, path);
  }

  async list(folder: string): Promise<FolderListing> {
    try {
      const absolute = await this.locate(folder);
      const names = (await readdir(absolute)).filter(isShown).sort();
      const shown = names.slice(0, MAX_LISTED);
      const entries = await Promise.all(shown.map((name) => this.#entry(joinPath(folder, name))));
      return { folder, entries: entries.filter((entry) => entry !== undefined), total: names.length };
    } catch (error) {
      throw fileError(error, folder);
    }
  }

  /** Everything below the root whose name contains the text, case aside, nearest to the root first. */
  async search(text: string): Promise<FolderListing> {
    const wanted = text.normalize().toLowerCase();
    const found: string[] = [];
    const folders = [''];
    let visited = 0;
    for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
      const absolute = await this.locate(folder).catch(() => undefined);
      const children = absolute ? await readdir(absolute, { withFileTypes: true }).catch(() => []) : [];
      for (const child of children) {
        if (!isShown(child.name) || ++visited > MAX_VISITED) continue;
        const path = joinPath(folder, child.name);
        if (child.isDirectory()) folders.push(path);
        if (child.name.normalize().toLowerCase().includes(wanted)) found.push(path);
      }
    }
    const entries = await Promise.all(found.slice(0, MAX_FOUND).map((path) => this.#entry(path)));
    return { folder: '', entries: entries.filter((entry) => entry !== undefined), total: found.length };
  }

  async #entry(path: string): Promise<FileEntry | undefined> {
    try {
      // What a link names outside of the root is not shown, nor a link that leads nowhere.
      const absolute = await this.locate(path);
      const info = await stat(absolute);
      const entry = { path, name: nameOf(path), modifiedAt: info.mtimeMs };
      if (info.isDirectory()) return { ...entry, kind: 'folder' };
      if (!info.isFile()) return undefined;
      if (path.endsWith('.ts')) {
        const described = await describeNotebook(absolute);
        if (described) return { ...entry, kind: 'notebook', size: info.size, ...described };
      }
      return { ...entry, kind: 'file', size: info.size };
    } catch {
      return undefined;
    }
  }

  async createFolder(path: string): Promise<void> {
    try {
      await mkdir(dirname(await this.locate(path)), { recursive: true });
      await mkdir(await this.locate(path));
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** Renames or moves; outputs go along. Onto itself, or from `a` to `A` where case counts for nothing, is allowed. */
  async move(from: string, to: string): Promise<void> {
    if (from === '' || to === '') throw new StagelightError('FILE_NAME', 'a name is missing');
    if (from === to) return;
    if (to.startsWith(`${from}/`)) {
      throw new StagelightError('FILE_NAME', `"${from}" cannot be moved into itself`, {
        hint: 'Choose another folder.',
      });
    }
    const [source, target] = [await this.locate(from), await this.locate(to)];
    try {
      const info = await stat(source);
      if (info.isFile() && from.endsWith('.ts') && !to.endsWith('.ts')) {
        throw new StagelightError('FILE_NAME', `"${to}" does not end in .ts`, {
          hint: 'Notebooks and scripts are .ts files; keep the ending.',
        });
      }
      const [own, other] = [await lstat(source), await infoOf(target)];
      if (other && (other.ino !== own.ino || other.dev !== own.dev)) throw existing(to);
      await mkdir(dirname(target), { recursive: true });
      await rename(source, target);
    } catch (error) {
      throw fileError(error, (error as NodeJS.ErrnoException).code === 'ENOENT' ? from : to);
    }
    await moveOutputs(outputsFileOf(source), outputsFileOf(target));
  }

  /** Copies a file or folder beside itself under a free name; returns its path. */
  async duplicate(path: string): Promise<string> {
    const source = await this.locate(path);
    try {
      const isFolder = (await stat(source)).isDirectory();
      const copy = nameOf(path).replace(/(?<=.)(\.[^.]*)?$/, '-copy$1');
      const to = await this.freePath(folderOf(path), copy);
      const target = await this.locate(to);
      if (isFolder) await cp(source, target, { recursive: true, force: false, errorOnExist: true });
      else {
        await copyFile(source, target, constants.COPYFILE_EXCL);
        await copyFile(outputsFileOf(source), outputsFileOf(target)).catch(() => {});
      }
      return to;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** A path in the folder that nothing has yet: the name itself, or with a number. */
  async freePath(folder: string, name: string): Promise<string> {
    for (const candidate of alternatives(name)) {
      const path = joinPath(folder, candidate);
      if (!(await infoOf(await this.locate(path)))) return path;
    }
    throw existing(joinPath(folder, name));
  }
}

function existing(path: string): StagelightError {
  return fileError(Object.assign(new Error(), { code: 'EEXIST' }), path);
}

/** Outputs that cannot be moved cost the notebook its outputs, never itself; those of an earlier notebook make way. */
export async function moveOutputs(from: string, to: string): Promise<void> {
  if (!(await infoOf(from))) return;
  await mkdir(dirname(to), { recursive: true }).catch(() => {});
  await rename(from, to).catch(() => {});
}
