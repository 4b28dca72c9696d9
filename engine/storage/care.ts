/**
 * How carefully rows are taken in. Sizes are estimated from samples, which is fast and nearly always enough; a task under
 * which an executor ran out of memory is tried again with care: rows come one at a time, and each is looked at.
 */

/** Of the task that runs: an executor runs one at a time. */
export const care = { isTaken: false };
