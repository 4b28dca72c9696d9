/**
 * A join of which one side is small and every task has all of it: it is read once by an executor, into a table that the
 * tasks of the stage share, and the rows of the other side pass where they are made.
 */
import type { RddNode } from '../rdd/plan.ts';
import type { MemoryManager } from '../storage/memory-manager.ts';
import type { Batches } from './batches.ts';
import { type JoinType, joinSource, sourceOfParts } from './external-join.ts';
import { JoinTable } from './join-table.ts';
import { allShuffledPairs, eachBatch, pairsOf } from './pair-source.ts';
import { shuffleDependency } from './shuffle-batches.ts';
import type { JoinPart, PairSource, Source } from './source.ts';
import type { TaskRun } from './task-run.ts';

/** The tables of one stage attempt in one executor, by RDD; accounted as storage, like broadcasts. */
export class SharedJoinTables {
  readonly #tables = new Map<number, JoinTable>();
  /** Of those there is no room for. */
  readonly #refused = new Set<number>();
  #memory: MemoryManager | undefined;
  #held = 0;

  /** Undefined when it does not fit: each task then joins for itself, setting aside what it must. */
  of(task: TaskRun, node: RddNode, side: 0 | 1): JoinTable | undefined {
    if (this.#refused.has(node.rddId)) return undefined;
    let table = this.#tables.get(node.rddId);
    if (table === undefined) {
      table = this.#read(task, node, side);
      if (table === undefined) this.#refused.add(node.rddId);
      else this.#tables.set(node.rddId, table);
    }
    return table?.view();
  }

  #read(task: TaskRun, node: RddNode, side: 0 | 1): JoinTable | undefined {
    const { memory } = task.services;
    const table = new JoinTable();
    let held = 0;
    let fits = true;
    const pairs = allShuffledPairs(task, shuffleDependency(node, side));
    try {
      eachBatch(task, pairs, ({ keys, values }) => {
        if (!fits) return;
        const bytes = table.add(keys, values);
        fits = memory.acquireStorage(bytes);
        if (fits) held += bytes;
        else pairs.close();
      });
    } catch (error) {
      memory.releaseStorage(held);
      throw error;
    }
    if (!fits) {
      memory.releaseStorage(held);
      return undefined;
    }
    this.#memory = memory;
    this.#held += held;
    return table;
  }

  /** The stage attempt is over. */
  close(): void {
    this.#memory?.releaseStorage(this.#held);
    this.#held = 0;
    this.#tables.clear();
  }
}

/** Whether the side that every task has is held once for all of them. */
export function sharesTable(task: TaskRun, node: RddNode, side: 0 | 1): boolean {
  return task.stage.joinTables.of(task, node, side) !== undefined;
}

/** `side` is the dependency that every task reads all of, `parent` opens the other one. */
export function broadcastJoinBatches(
  task: TaskRun,
  node: RddNode,
  type: JoinType,
  side: 0 | 1,
  parent: (index: number) => Batches,
): Source {
  const other = (): PairSource => pairsOf(task, parent(1 - side));
  const table = task.stage.joinTables.of(task, node, side);
  if (table === undefined) {
    const all = () => allShuffledPairs(task, shuffleDependency(node, side));
    return joinSource(task, (index) => (index === side ? all() : other()), type, false);
  }
  return sourceOfParts(function* parts(): Generator<JoinPart, void> {
    // Rows that are everywhere never come out alone: they would in every task.
    const keepPassing = type !== 'inner';
    yield { table, holdsRight: side === 1, passing: other(), keepPassing, rest: undefined };
  });
}
