/** Names of blocks, in Spark's form: kind and numbers joined by underscores. */

/** One cached partition of an RDD. */
export function rddBlockId(rddId: number, partition: number): string {
  return `rdd_${rddId}_${partition}`;
}

/** The output of one attempt of one map task: base name of its data and index file. */
export function shuffleBlockId(shuffleId: number, mapIndex: number, attempt: number): string {
  return `shuffle_${shuffleId}_${mapIndex}_${attempt}`;
}
