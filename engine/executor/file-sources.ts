/** The sources behind wholeTextFiles, binaryFiles, binaryRecords, jsonFile and objectFile. */
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { StagelightError } from '../errors.ts';
import type { FileSplit, SourceOperator } from '../rdd/operator.ts';
import { Checksums, readVerified } from '../storage/checksum-file.ts';
import { parseJsonLine } from '../storage/json-lines.ts';
import { readFully } from '../storage/nameless-file.ts';
import { readObjectFile } from '../storage/object-file.ts';
import { BATCH_ROWS } from './batches.ts';
import { inputError } from './input-error.ts';
import type { TaskRun } from './task-run.ts';
import { longestText, readText } from './text-bytes.ts';
import { textLines } from './text-lines.ts';

type Of<Kind extends SourceOperator['kind']> = Extract<SourceOperator, { kind: Kind }>;
type Rows = Generator<unknown[], void>;

export function pathOf(task: TaskRun, path: string): string {
  return resolve(task.services.config.workingDirectory, path);
}

function* filesOf(
  task: TaskRun,
  { paths, groups }: { paths: string[]; groups: number[][] },
  partition: number,
) {
  for (const file of groups[partition] ?? []) yield { path: paths[file]!, file: pathOf(task, paths[file]!) };
}

function named<R>(path: string, read: () => R): R {
  try {
    return read();
  } catch (error) {
    throw inputError(path, error);
  }
}

export function* wholeFiles(task: TaskRun, op: Of<'wholeTextFiles'>, partition: number): Rows {
  for (const { path, file } of filesOf(task, op, partition)) {
    const text = named(file, () =>
      readText(file, longestText(task.memory.budget), task.metrics, () => task.cancellation.check()),
    );
    task.metrics.inputRecords++;
    yield [[path, text]];
  }
}

export function* binaryFiles(task: TaskRun, op: Of<'binaryFiles'>, partition: number): Rows {
  for (const { path, file } of filesOf(task, op, partition)) {
    const bytes = named(file, () => readVerified(file));
    task.metrics.inputBytes += bytes.length;
    task.metrics.inputRecords++;
    yield [[path, new Uint8Array(bytes)]];
  }
}

export function* binaryRecords(task: TaskRun, op: Of<'binaryRecords'>, partition: number): Rows {
  const split = op.splits[partition];
  if (split === undefined) return;
  const { recordLength } = op;
  const file = pathOf(task, op.paths[split.file]!);
  const fd = named(file, () => openSync(file, 'r'));
  try {
    const sums = named(file, () => Checksums.of(file, op.sizes[split.file]!));
    for (let at = split.start; at < split.end; ) {
      const count = Math.min(BATCH_ROWS, (split.end - at) / recordLength);
      const bytes = Buffer.allocUnsafe(count * recordLength);
      if (!named(file, () => readFully(fd, bytes, at)))
        throw inputError(file, new Error('the file ends early'));
      sums?.verify(fd, at, at + bytes.length);
      at += bytes.length;
      task.metrics.inputBytes += bytes.length;
      task.metrics.inputRecords += count;
      yield Array.from({ length: count }, (_, i) =>
        Uint8Array.prototype.slice.call(bytes, i * recordLength, (i + 1) * recordLength),
      );
    }
  } finally {
    closeSync(fd);
  }
}

export function* objectFiles(task: TaskRun, op: Of<'objectFile'>, partition: number): Rows {
  for (const { file } of filesOf(task, op, partition)) yield* objectRows(task, file);
}

/** Rows of one object file, counted as input. */
export function* objectRows(
  task: TaskRun,
  file: string,
  expected?: { partition: number; numPartitions: number },
): Rows {
  const batches = readObjectFile(file, expected, (bytes) => {
    task.metrics.inputBytes += bytes;
  });
  try {
    for (;;) {
      const step = named(file, () => batches.next());
      if (step.done) return;
      task.metrics.inputRecords += step.value.length;
      yield step.value;
    }
  } finally {
    batches.return();
  }
}

export function* jsonRows(task: TaskRun, op: Of<'jsonFile'>, partition: number): Rows {
  for (const split of op.splits[partition] ?? []) {
    const file = pathOf(task, op.paths[split.file]!);
    const lines = textLines(() => file, [split], task.metrics, {
      limit: longestText(task.memory.budget),
      check: () => task.cancellation.check(),
    });
    let before = 0;
    try {
      for (let some = lines.next(); some !== undefined; some = lines.next()) {
        const rows: unknown[] = [];
        for (const [i, line] of (some as string[]).entries()) {
          if (line.trim() === '') continue;
          parseInto(rows, line, op, () => lineNumber(file, split, before + i));
        }
        before += some.length;
        yield rows;
      }
    } finally {
      lines.close();
    }
  }
}

function parseInto(
  rows: unknown[],
  line: string,
  op: Of<'jsonFile'>,
  at: () => { file: string; line: number },
): void {
  try {
    rows.push(parseJsonLine(line));
  } catch (error) {
    if (op.mode === 'FAILFAST') throw badLine(line, at(), error);
    if (op.mode === 'PERMISSIVE') rows.push({ [op.corruptRecord]: line });
  }
}

/** Counted only when it must be told: the splits before are other tasks'. */
function lineNumber(file: string, split: FileSplit, index: number): { file: string; line: number } {
  let before = 0;
  if (split.start > 0) {
    const lines = textLines(() => file, [{ file: 0, start: 0, end: split.start }], {
      inputBytes: 0,
      inputRecords: 0,
    });
    for (let some = lines.next(); some !== undefined; some = lines.next()) before += some.length;
    lines.close();
  }
  return { file, line: before + index + 1 };
}

const SHOWN = 100;

function badLine(
  text: string,
  { file, line }: { file: string; line: number },
  error: unknown,
): StagelightError {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return new StagelightError('JSON_MALFORMED', `line ${line} of ${file} is no JSON: ${shown}`, {
    hint: "Mend the line, or pass { mode: 'PERMISSIVE' } to get such lines as records with their text, or 'DROPMALFORMED' to leave them out.",
    cause: error,
  });
}
