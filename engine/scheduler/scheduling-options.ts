/** How task sets share executors, and what the scheduler does about slow and failing ones. All of it data. */

export type SchedulingMode = 'FIFO' | 'FAIR';

/** One pool of the fair scheduler; Spark's allocation file has the same three settings. */
export interface PoolOptions {
  /** How the stages inside the pool share what the pool gets. */
  schedulingMode: SchedulingMode;
  /** A pool of weight 2 gets twice what one of weight 1 gets. */
  weight: number;
  /** Running tasks that the pool gets before the weights decide. */
  minShare: number;
}

export interface SpeculationOptions {
  /** Milliseconds between two looks at the running tasks. */
  interval: number;
  /** How many times slower than the median a task must be. */
  multiplier: number;
  /** Share of a stage's tasks that must have ended well before any is run twice. */
  quantile: number;
  /** No task is run twice before it has run so long, in milliseconds. */
  minTaskRuntime: number;
  /** A stage that has no more tasks than there are executors runs those twice that take longer than this, in milliseconds. */
  taskDurationThreshold?: number;
  /** Only tasks that also get through fewer rows per second than others; absent: the time alone decides. */
  efficiency?: {
    /** A task is inefficient below this share of the average rows per second. */
    processRateMultiplier: number;
    /** A task that runs longer than this many thresholds is run twice, however efficient it is. */
    longRunTaskFactor: number;
  };
}

export interface ExclusionOptions {
  /** How long an executor stays excluded from the whole application, in milliseconds. */
  timeout: number;
  /** Failures of one task on one executor after which that task goes elsewhere. */
  maxTaskAttemptsPerExecutor: number;
  /** Different failed tasks of one stage attempt after which an executor gets no more of its tasks. */
  maxFailedTasksPerExecutorStage: number;
  /** Different failed tasks of stages that succeeded in the end, after which an executor gets no more tasks at all. */
  maxFailedTasksPerExecutorApplication: number;
  /** How long a task that can run nowhere waits for an executor that is being replaced, in milliseconds. */
  unschedulableTaskSetTimeout: number;
  /** Replace an executor that is excluded from the whole application by a new one. */
  killExcludedExecutors: boolean;
}

export interface BarrierOptions {
  /** How long the tasks of one `barrier()` wait for the last of them, in milliseconds. */
  syncTimeout: number;
  /** Milliseconds between two looks whether there are executors enough for all tasks of a barrier stage. */
  slotCheckInterval: number;
  /** Looks after which the stage is given up. */
  slotCheckMaxFailures: number;
}

export interface SchedulingOptions {
  /** How jobs share the executors. FIFO ignores pools. */
  mode: SchedulingMode;
  /** By name; a pool that is not among them is a FIFO pool of weight 1. */
  pools: Record<string, PoolOptions>;
  /** Absent: off. */
  speculation?: SpeculationOptions;
  /** Absent: off. */
  exclusion?: ExclusionOptions;
  barrier: BarrierOptions;
}

/** The local property that names the pool of the jobs a cell starts. */
export const POOL_PROPERTY = 'stagelight.scheduler.pool';
export const DEFAULT_POOL = 'default';

export const POOL_DEFAULTS: PoolOptions = { schedulingMode: 'FIFO', weight: 1, minShare: 0 };

/** Spark 4's defaults, for those who turn it on. */
export const SPECULATION_DEFAULTS: SpeculationOptions = {
  interval: 100,
  multiplier: 3,
  quantile: 0.9,
  minTaskRuntime: 100,
  efficiency: { processRateMultiplier: 0.75, longRunTaskFactor: 2 },
};

/** Spark's defaults, for those who turn it on. */
export const EXCLUSION_DEFAULTS: ExclusionOptions = {
  timeout: 3_600_000,
  maxTaskAttemptsPerExecutor: 1,
  maxFailedTasksPerExecutorStage: 2,
  maxFailedTasksPerExecutorApplication: 2,
  unschedulableTaskSetTimeout: 120_000,
  killExcludedExecutors: false,
};

export const SCHEDULING_DEFAULTS: SchedulingOptions = {
  mode: 'FIFO',
  pools: {},
  barrier: { syncTimeout: 365 * 86_400_000, slotCheckInterval: 15_000, slotCheckMaxFailures: 40 },
};
