/** Files over HTTP: downloads as attachments, uploads as streams into the folder shown. Checked by `http.ts` before. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { errorToData, StagelightError } from '../engine/errors.ts';
import { nameOf } from '../engine/files-protocol.ts';
import { exportNotebook, isExportFormat } from './export-notebook.ts';
import { fileError, statusOf } from './file-errors.ts';
import type { Notebooks } from './notebooks.ts';
import { isUploadChoice, storeUpload } from './store-upload.ts';

/** A name in a header: plain letters for old readers, the real one encoded. */
function attachment(name: string): string {
  const plain = name.replace(/[^\w. -]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

export class FileTransfer {
  readonly #notebooks: Notebooks;

  constructor(notebooks: Notebooks) {
    this.#notebooks = notebooks;
  }

  isUpload(url: string | undefined): boolean {
    return url?.split('?')[0] === '/upload';
  }

  /** Answers what is for it; false when it is for another. */
  handle(request: IncomingMessage, response: ServerResponse, url: URL): boolean {
    const upload = request.method === 'POST';
    if (upload !== (url.pathname === '/upload') || (!upload && url.pathname !== '/download')) return false;
    const answered = upload
      ? this.#upload(request, response, url)
      : this.#download(request, response, url.searchParams);
    answered.catch((thrown) => {
      if (response.headersSent) return void response.destroy();
      const error = thrown instanceof StagelightError ? thrown : fileError(thrown, 'the file');
      const body = upload
        ? JSON.stringify({ ok: false, error: errorToData(error) })
        : `${error.message}\n${error.hint ?? ''}\n`;
      response.writeHead(statusOf(error), {
        'content-type': upload ? 'application/json' : 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        // What was not read of a refused upload would be taken for the next request.
        ...(upload ? { connection: 'close' } : {}),
      });
      response.end(body);
      return undefined;
    });
    return true;
  }

  async #download(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    const path = query.get('path') ?? '';
    const format = query.get('as');
    const head = (name: string, length: number, type = 'application/octet-stream') =>
      response.writeHead(200, {
        'content-type': type,
        'content-length': length,
        'content-disposition': attachment(name),
        'content-security-policy': "sandbox; default-src 'none'",
        'cache-control': 'no-store',
      });
    if (format !== null) {
      if (!isExportFormat(format))
        throw new StagelightError('MESSAGE_INVALID', `there is no format "${format}"`);
      const { name, type, text } = await exportNotebook(this.#notebooks, path, format, query.has('plots'));
      const body = Buffer.from(text);
      head(name, body.length, type);
      response.end(request.method === 'HEAD' ? undefined : body);
      return;
    }
    if (path === '') throw new StagelightError('FILE_NAME', 'no file was named');
    const absolute = await this.#notebooks.tree.locate(path);
    const info = await stat(absolute).catch((error) => {
      throw fileError(error, path);
    });
    if (!info.isFile()) {
      throw new StagelightError('FILE_NAME', `"${path}" is not a file`, {
        hint: 'Download the files of a folder one by one.',
      });
    }
    const content = createReadStream(absolute, { end: Math.max(0, info.size - 1) });
    // A file that may not be read is refused before the answer begins.
    await new Promise<void>((resolve, reject) => {
      content.once('open', () => resolve());
      content.once('error', (error) => reject(fileError(error, path)));
    });
    head(nameOf(path), info.size);
    if (request.method === 'HEAD' || info.size === 0) {
      content.destroy();
      response.end();
    } else await pipeline(content, response);
  }

  async #upload(request: IncomingMessage, response: ServerResponse, { searchParams }: URL): Promise<void> {
    const choice = searchParams.get('taken') ?? 'refuse';
    if (!isUploadChoice(choice))
      throw new StagelightError('MESSAGE_INVALID', `there is no choice "${choice}"`);
    const stored = await storeUpload(this.#notebooks, {
      folder: searchParams.get('folder') ?? '',
      name: searchParams.get('name') ?? '',
      taken: choice,
      length: Number(request.headers['content-length'] ?? Number.NaN),
      content: request,
    });
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ ok: true, ...stored }));
  }
}
