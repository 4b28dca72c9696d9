/** How files are cut into partitions: byte ranges for lines (Hadoop's FileInputFormat), groups for whole files. */
import type { InputFile } from './input-files.ts';
import type { FileSplit, SourceOperator } from './operator.ts';

type TextFileOperator = Extract<SourceOperator, { kind: 'textFile' }>;

/** Hadoop's block size for local files: no split is larger, so that a large file keeps every executor busy. */
const BLOCK_SIZE = 32 * 1024 * 1024;
/** The last split of a file may be this much larger than the others, rather than leaving a sliver. */
const SLOP = 1.1;

function isCompressed(path: string): boolean {
  return path.endsWith('.gz') || path.endsWith('.zst');
}

/** One partition per split; an empty file makes an empty partition, a compressed file is one partition. */
export function splitText(files: readonly InputFile[], minPartitions: number): TextFileOperator['splits'] {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const goal = Math.ceil(total / Math.max(1, minPartitions));
  const splitSize = Math.max(1, Math.min(goal, BLOCK_SIZE));
  const splits: TextFileOperator['splits'] = [];
  files.forEach(({ path, size }, file) => {
    if (isCompressed(path)) {
      splits.push([{ file, start: 0, end: -1 }]);
      return;
    }
    let start = 0;
    while ((size - start) / splitSize > SLOP) {
      splits.push([{ file, start, end: start + splitSize }]);
      start += splitSize;
    }
    splits.push([{ file, start, end: size }]);
  });
  return splits;
}

/** Neighbouring files together until a group holds its share of all bytes. */
export function groupFiles(files: readonly InputFile[], minPartitions: number): number[][] {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const share = Math.ceil(total / Math.max(1, minPartitions));
  const groups: number[][] = [];
  let bytes = 0;
  files.forEach(({ size }, file) => {
    const group = groups.at(-1);
    if (group && bytes + size <= share) {
      group.push(file);
      bytes += size;
    } else {
      groups.push([file]);
      bytes = size;
    }
  });
  return groups;
}

/** Splits that hold whole records; a file is cut where a record ends. */
export function splitRecords(
  files: readonly InputFile[],
  minPartitions: number,
  recordLength: number,
): FileSplit[] {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const goal = Math.min(Math.ceil(total / Math.max(1, minPartitions)), BLOCK_SIZE);
  const size = Math.max(1, Math.floor(goal / recordLength)) * recordLength;
  const splits: FileSplit[] = [];
  files.forEach((each, file) => {
    for (let start = 0; start < each.size; start += size)
      splits.push({ file, start, end: Math.min(each.size, start + size) });
  });
  return splits;
}

export interface RowGroupPart {
  file: number;
  group: number;
  bytes: number;
}

/** Row groups in order; a split has one, or neighbours of the same file until it holds its share. */
export function splitRowGroups(
  groups: readonly RowGroupPart[],
  minPartitions: number,
): { file: number; from: number; to: number }[] {
  const total = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  const share = Math.min(Math.ceil(total / Math.max(1, minPartitions)), BLOCK_SIZE);
  const splits: { file: number; from: number; to: number }[] = [];
  let held = 0;
  for (const { file, group, bytes } of groups) {
    const last = splits.at(-1);
    if (last?.file === file && held + bytes <= share) {
      last.to = group + 1;
      held += bytes;
    } else {
      splits.push({ file, from: group, to: group + 1 });
      held = bytes;
    }
  }
  return splits;
}
