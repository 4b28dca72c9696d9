/** The nodes of all lineages the driver has submitted, and walks over them. No walk recurses. */
import { StagelightError } from '../errors.ts';
import type { Dependency, RddNode, ShuffleDependency } from '../rdd/plan.ts';

/** Nodes that one stage computes otherwise than the lineage says, by RDD. */
export type ReplacedNodes = ReadonlyMap<number, RddNode>;

export class RddGraph {
  readonly #nodes = new Map<number, RddNode>();

  get size(): number {
    return this.#nodes.size;
  }

  add(node: RddNode): void {
    this.#nodes.set(node.rddId, node);
  }

  get(rddId: number): RddNode | undefined {
    return this.#nodes.get(rddId);
  }

  node(rddId: number): RddNode {
    const node = this.#nodes.get(rddId);
    if (!node)
      throw new StagelightError('UNKNOWN_RDD', `RDD ${rddId} was never submitted, or is already forgotten`);
    return node;
  }

  delete(rddId: number): void {
    this.#nodes.delete(rddId);
  }

  /** All RDDs that have `rddId` in their lineage, without itself. */
  descendants(rddId: number): Set<number> {
    const children = new Map<number, number[]>();
    for (const { rddId: child, dependencies } of this.#nodes.values()) {
      for (const parent of dependencies.flatMap(parentIds)) {
        const known = children.get(parent);
        if (known) known.push(child);
        else children.set(parent, [child]);
      }
    }
    const found = new Set<number>();
    const stack = [rddId];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      for (const child of children.get(next) ?? []) {
        // A sort owns the bounds by which it is placed.
        if (child === rddId || found.has(child)) continue;
        found.add(child);
        stack.push(child);
      }
    }
    return found;
  }

  /** The nodes of one stage: everything reachable through narrow dependencies, parents first. */
  chain(rddId: number, replaced?: ReplacedNodes): RddNode[] {
    const order: RddNode[] = [];
    const seen = new Set<number>();
    const nodeOf = (id: number): RddNode => replaced?.get(id) ?? this.node(id);
    const stack: { node: RddNode; expanded: boolean }[] = [{ node: nodeOf(rddId), expanded: false }];
    for (let top = stack.pop(); top; top = stack.pop()) {
      if (top.expanded) {
        order.push(top.node);
        continue;
      }
      if (seen.has(top.node.rddId)) continue;
      seen.add(top.node.rddId);
      stack.push({ node: top.node, expanded: true });
      const { dependencies } = top.node;
      for (let i = dependencies.length - 1; i >= 0; i--) {
        const dep = dependencies[i]!;
        if (dep.kind !== 'shuffle') stack.push({ node: nodeOf(dep.rddId), expanded: false });
      }
    }
    return order;
  }

  /** The shuffles a stage ending in `rddId` reads. */
  shuffles(rddId: number, replaced?: ReplacedNodes): ShuffleDependency[] {
    const found = new Map<number, ShuffleDependency>();
    for (const node of this.chain(rddId, replaced)) {
      for (const dep of node.dependencies) if (dep.kind === 'shuffle') found.set(dep.shuffleId, dep);
    }
    return [...found.values()];
  }
}

/** The RDD it reads, and the owner of the range partitioner by which it does. */
function parentIds(dep: Dependency): number[] {
  if (dep.kind !== 'shuffle' || dep.partitioner.kind !== 'range') return [dep.rddId];
  return [dep.rddId, dep.partitioner.rddId];
}
