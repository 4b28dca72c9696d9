/** How much a fold keeps. */

export interface FoldOptions {
  /** Keep task columns per stage attempt: server, command line and history do, viewers do not. */
  tasks?: boolean;
  /** Ended jobs held, with their stages; the oldest go first. */
  retainedJobs?: number;
  /** Stage attempts held; past it the oldest ended jobs go too. */
  retainedStages?: number;
  /** Rows held in all task columns together; columns of the oldest ended stages go first. */
  retainedTasks?: number;
}

export const RETAINED_JOBS = 1_000;
export const RETAINED_STAGES = 5_000;
export const RETAINED_TASKS = 2_000_000;

/** For reading a whole log: everything is kept. */
export const KEEP_ALL: FoldOptions = {
  tasks: true,
  retainedJobs: Infinity,
  retainedStages: Infinity,
  retainedTasks: Infinity,
};
