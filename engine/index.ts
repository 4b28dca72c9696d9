/** What programs that use Stagelight as a library may touch. */
export { Context } from './context.ts';
export { StagelightError } from './errors.ts';
export type { Display, ImageType } from './kernel/display.ts';
export type { KernelEvents, KernelListener } from './kernel/kernel-process.ts';
export { KernelProcess } from './kernel/kernel-process.ts';
export type { KernelConfig } from './kernel/messages.ts';
export type { CellOutput, ErrorData, StagelightEvent } from './protocol.ts';
export { HashPartitioner, Partitioner } from './rdd/partitioner.ts';
export type { StorageLevel } from './rdd/plan.ts';
export type { RDD } from './rdd/rdd.ts';
