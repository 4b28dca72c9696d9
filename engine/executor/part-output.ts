/**
 * The file of one partition while an attempt of its task writes it: in a folder of the attempt's own, with its checksums
 * beside it, made visible by renaming both when control lets this attempt.
 */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StagelightError } from '../errors.ts';
import { ChecksumWriter, checksumPath } from '../storage/checksum-file.ts';
import { writeFully } from '../storage/nameless-file.ts';
import { noSpace } from '../storage/write-error.ts';

export interface OutputCounters {
  outputBytes: number;
  outputRecords: number;
}

export class PartOutput {
  readonly #directory: string;
  readonly #folder: string;
  readonly #name: string;
  readonly #counters: OutputCounters;
  readonly #sums = new ChecksumWriter();
  #fd = -1;

  /** `suffix` ends the file's name, as in `part-00000.json.gz`. */
  constructor(
    directory: string,
    taskId: number,
    partition: number,
    suffix: string,
    counters: OutputCounters,
  ) {
    this.#directory = directory;
    this.#folder = join(directory, `_attempt_${taskId}`);
    this.#name = `part-${String(partition).padStart(5, '0')}${suffix}`;
    this.#counters = counters;
    this.#named(() => {
      // Not with its parents: a task that outlives its job must not bring back a directory that was given up.
      mkdirSync(this.#folder);
      this.#fd = openSync(join(this.#folder, this.#name), 'wx');
    });
  }

  readonly write = (bytes: Uint8Array): void => {
    this.#named(() => writeFully(this.#fd, bytes));
    this.#sums.update(bytes);
    this.#counters.outputBytes += bytes.length;
  };

  #named(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.abort();
      throw noSpace(error, this.#directory, 'the output') ?? unwritable(this.#directory, error);
    }
  }

  #close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  /** Everything is on its way to the disk; nothing is visible yet. */
  finish(): void {
    this.#close();
    const sums = this.#sums.finish();
    this.#named(() => writeFileSync(checksumPath(join(this.#folder, this.#name)), sums));
  }

  commit(): void {
    const [written, final] = [this.#folder, this.#directory].map((folder) => join(folder, this.#name)) as [
      string,
      string,
    ];
    renameSync(checksumPath(written), checksumPath(final));
    renameSync(written, final);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  abort(): void {
    this.#close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function unwritable(directory: string, error: unknown): StagelightError {
  const { message } = error as Error;
  return new StagelightError('OUTPUT_UNWRITABLE', `the output ${directory} cannot be written: ${message}`, {
    hint: 'Check that nobody removes the folder while the job runs, and that this user may write there.',
    cause: error,
  });
}
