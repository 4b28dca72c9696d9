/** What reading and writing shuffles adds to the metrics of a task. Times in milliseconds. */

export interface ShuffleReadMetrics {
  bytes: number;
  records: number;
  /** Time in reading and verifying, without decoding. */
  fetchWaitTime: number;
}

export interface ShuffleWriteMetrics {
  bytes: number;
  records: number;
  /** Time in encoding and writing. */
  writeTime: number;
  /** Bytes that left memory before the end because the budget was used up. */
  spilledBytes: number;
}

export function shuffleReadMetrics(): ShuffleReadMetrics {
  return { bytes: 0, records: 0, fetchWaitTime: 0 };
}

export function shuffleWriteMetrics(): ShuffleWriteMetrics {
  return { bytes: 0, records: 0, writeTime: 0, spilledBytes: 0 };
}
