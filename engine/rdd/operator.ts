/** What one RDD computes from its parents: plain tagged data, run by `engine/executor`. */

/** Each operator is one member; `closures` of the node are referred to by their position in `RddNode.closures`. */
export type Operator = { kind: string };

/** What an action does with one partition's rows; the result is one encoded value per partition. */
export type ActionSpec = { kind: string; closures?: string[] };
