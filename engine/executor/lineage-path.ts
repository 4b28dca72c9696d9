/**
 * How the rows of one partition come about: paths from a source of batches through row operators.
 *
 * A chain ends below at whatever must hand out batches of its own (a text file, a shuffle read, a cached RDD,
 * mapPartitions…). Unions and coalesces do not end it: they only make several paths, so a row crosses them for free.
 */

import { StagelightError } from '../errors.ts';
import { type NarrowDependency, parentPartitions, type RddNode } from '../rdd/plan.ts';
import { Random } from '../rdd/random.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { decodeRows } from '../storage/row-codec.ts';
import type { RowOperator } from './loop-text.ts';
import { isRowOperator, type PreparedStage } from './prepared-stage.ts';

export interface Path {
  source: RddNode;
  partition: number;
  /** The source is computed although it is a cached RDD: it is what is being cached. */
  fresh: boolean;
  /** The source is a row operator, where a chain too long for one loop was cut: its rows are pulled, and counted there. */
  cut: boolean;
  /** Row operators from the source upwards, and the state each keeps while this partition is computed. */
  chain: RddNode[];
  states: unknown[];
}

export function isCached(node: RddNode): boolean {
  return node.storageLevel.useMemory || node.storageLevel.useDisk;
}

export function narrowDependency(node: RddNode, index: number): NarrowDependency {
  const dependency = node.dependencies[index];
  if (dependency === undefined || dependency.kind === 'shuffle') {
    throw new StagelightError(
      'PLAN_INCOMPLETE',
      `RDD ${node.rddId} (${node.name}) has no narrow dependency ${index}`,
    );
  }
  return dependency;
}

/** Whether a key is the wanted one, by the engine's equality of keys. */
function matcher(wanted: unknown): (key: unknown) => boolean {
  const forms = new Set([keyToMapKey(wanted)]);
  return (key) => forms.has(keyToMapKey(key));
}

function stateOf(stage: PreparedStage, node: RddNode, op: RowOperator, partition: number): unknown {
  switch (op.kind) {
    case 'sample':
      return new Random(op.seed, partition);
    case 'zipWithIndex': {
      const next = stage.prepared(node.rddId)[partition];
      if (typeof next !== 'number') {
        throw new StagelightError(
          'PLAN_INCOMPLETE',
          `zipWithIndex of RDD ${node.rddId} came without its offsets`,
        );
      }
      return { next };
    }
    case 'filterKey':
      return { matches: matcher(decodeRows(op.key)[0]) };
    default:
      return undefined;
  }
}

/**
 * How long a loop may get. Functions of several thousand operators overflow the stack, and V8 stops optimising them
 * long before; between two loops rows go in batches, which costs little per operator.
 */
const LONGEST_LOOP = 500;
/** An operator that puts a loop inside the loop counts as so many others. */
const SPREAD_LENGTH = 10;

function lengthOf(op: RowOperator): number {
  return op.kind === 'flatMap' || op.kind === 'flatMapValues' ? SPREAD_LENGTH : 1;
}

/** The operators above a point of the walk, nearest first: a list that branches share. */
interface Above {
  node: RddNode;
  state: unknown;
  next: Above | undefined;
  length: number;
}

/** All paths to the rows of `node`'s partition, in row order. `uncached` looks through the node's own cache. */
export function pathsTo(stage: PreparedStage, node: RddNode, partition: number, uncached = false): Path[] {
  const paths: Path[] = [];
  const open: { at: RddNode; partition: number; above: Above | undefined }[] = [
    { at: node, partition, above: undefined },
  ];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    const { at } = here;
    const fresh = uncached && here.above === undefined;
    const begins = !isRowOperator(at.op) || (isCached(at) && !fresh);
    const cut = !begins && here.above !== undefined && here.above.length >= LONGEST_LOOP;
    if (begins || cut) {
      const path: Path = { source: at, partition: here.partition, fresh, cut, chain: [], states: [] };
      for (let above = here.above; above !== undefined; above = above.next) {
        path.chain.push(above.node);
        path.states.push(above.state);
      }
      paths.push(path);
      continue;
    }
    const above: Above = {
      node: at,
      state: stateOf(stage, at, at.op as RowOperator, here.partition),
      next: here.above,
      length: (here.above?.length ?? 0) + lengthOf(at.op as RowOperator),
    };
    const dependencies = at.op.kind === 'concat' ? at.dependencies.length : 1;
    for (let d = dependencies - 1; d >= 0; d--) {
      const dependency = narrowDependency(at, d);
      const parent = stage.node(dependency.rddId);
      for (const p of parentPartitions(dependency, here.partition).toReversed()) {
        open.push({ at: parent, partition: p, above });
      }
    }
  }
  return paths;
}
