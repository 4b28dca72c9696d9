/**
 * How carefully rows are taken in. Sizes are estimated from samples, which is fast and nearly always enough; a task under
 * which an executor ran out of memory is tried again with care: rows come one at a time, and each is looked at.
 */

/**
 * Of the task that runs. State of the process, not of the task or of its memory manager, as the heap it guards is: most that
 * go by it (estimates, samples, batches that are written) know neither, serve the driver too, and are asked for every row. So
 * it holds only as long as a process runs one task at a time; an executor with several slots needs one per task.
 */
export const care = { isTaken: false };
