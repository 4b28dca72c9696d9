/** What programs that use Stagelight as a library may touch. */
export { Context } from './context.ts';
export { StagelightError } from './errors.ts';
export type { Display } from './kernel/display.ts';
export type { KernelEvents, KernelListener } from './kernel/kernel-process.ts';
export { KernelProcess } from './kernel/kernel-process.ts';
export type { ImageType } from './kernel/markup-output.ts';
export type { KernelConfig } from './kernel/messages.ts';
export type { CellOutput, ErrorData, StagelightEvent } from './protocol.ts';
export type { BoundedDouble } from './rdd/bounded-double.ts';
export type { Broadcast } from './rdd/broadcast.ts';
export type { JobRunner } from './rdd/job-runner.ts';
export type { PartialResult } from './rdd/partial-result.ts';
export { HashPartitioner, Partitioner, type PartitionerArgument } from './rdd/partitioner.ts';
export type { StorageLevel } from './rdd/plan.ts';
export type { Comparator, RDD } from './rdd/rdd.ts';
export type { RDDBarrier } from './rdd/rdd-barrier.ts';
export type { SaveOptions } from './rdd/save-files.ts';
export type { StatCounter } from './rdd/stat-counter.ts';
export type { ExecutorInfo, JobInfo, StageStatusInfo, StatusTracker } from './rdd/status-tracker.ts';
export type { DoubleAccumulator, LongAccumulator } from './rdd/sum-accumulator.ts';
export type {
  AccumulatorFunctions,
  CollectionAccumulator,
  CustomAccumulator,
} from './rdd/value-accumulator.ts';
