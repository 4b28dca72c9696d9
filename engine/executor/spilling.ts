/** What the operators that may outgrow memory share: where they spill to, and what is said of a key they cannot divide. */
import type { RowGroup } from 'hyparquet';
import { StagelightError } from '../errors.ts';
import { executorDirectory } from '../shuffle/block-directory.ts';
import { SpillFile } from '../storage/spill-file.ts';
import { megabytes } from './megabytes.ts';
import { describeValue } from './push-loop.ts';
import type { TaskRun } from './task-run.ts';

export function openSpill({ services, spilled }: TaskRun): SpillFile {
  const { blockDirectory, executorId } = services.config;
  return new SpillFile(executorDirectory(blockDirectory, executorId), spilled);
}

/** For values that must be in memory together and are more than fits. */
export function groupTooLarge(task: TaskRun, key: unknown, bytes: number): StagelightError {
  const memory = megabytes(task.memory.budget);
  return new StagelightError(
    'GROUP_TOO_LARGE',
    `the values of the key ${describeValue(key)} take ${megabytes(bytes)} and more, too much for the ${memory} of memory that an executor has for them`,
    {
      hint: 'Reduce instead of grouping (reduceByKey, aggregateByKey), spread the key over several (join and group by [key, i % 10]), or raise --executor-memory.',
    },
  );
}

/** For the rows of a partition that become one row. */
export function partitionTooLarge(
  task: TaskRun,
  operator: string,
  partition: number,
  bytes: number,
): StagelightError {
  const memory = megabytes(task.memory.budget);
  return new StagelightError(
    'PARTITION_TOO_LARGE',
    `${operator}: the rows of partition ${partition} take ${megabytes(bytes)} and more as one row, too much for the ${memory} of memory that an executor has for them`,
    {
      hint: 'Use more partitions (repartition), or mapPartitions, which hands out the rows one by one; or raise --executor-memory.',
    },
  );
}

/** For pages of a Parquet file: a page of each column is in memory at a time, whole. */
export function rowGroupTooLarge(
  task: TaskRun,
  of: { path: string; group: number; rowGroup: RowGroup; columns: number; bytes: number },
): StagelightError {
  const memory = megabytes(task.memory.budget);
  const { num_rows: rows, total_byte_size: size } = of.rowGroup;
  return new StagelightError(
    'ROW_GROUP_TOO_LARGE',
    `row group ${of.group} of ${of.path} (${megabytes(Number(size))}, ${rows} rows) cannot be read: its dictionaries and a page of each of ${of.columns} columns take ${megabytes(of.bytes)} and more, too much for the ${memory} of memory that an executor has for them`,
    {
      hint: 'Read fewer columns (parquetFile(path, { columns })), raise --executor-memory, or write the file with smaller row groups or pages.',
    },
  );
}
