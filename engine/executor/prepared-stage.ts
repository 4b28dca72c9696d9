/** A stage plan made ready on an executor: nodes by id, functions loaded, push loops compiled once per chain. */
import { renewCaptures } from '../closure/load-closure.ts';
import { StagelightError } from '../errors.ts';
import type { ClosureId, RddNode, ShuffleInput, StagePlan } from '../rdd/plan.ts';
import { decodeRows } from '../storage/row-codec.ts';
import { SharedJoinTables } from './broadcast-join.ts';
import { functionsCalled, functionsOfOutput } from './called-functions.ts';
import type { LoopHead } from './loop-head.ts';
import type { LoopStep, RowOperator } from './loop-text.ts';
import { PushLoop, type UserFunction } from './push-loop.ts';
import type { SinkKind } from './sink-text.ts';

/** A loaded function with what the loops need to know of its syntax. */
export interface LoadedFunction {
  call: UserFunction;
  isAsync: boolean;
  isGenerator: boolean;
}

export type FunctionLoader = (id: ClosureId) => LoadedFunction;

export function isRowOperator(op: RddNode['op']): op is RowOperator {
  switch (op.kind) {
    case 'map':
    case 'flatMap':
    case 'filter':
    case 'mapValues':
    case 'flatMapValues':
    case 'keyBy':
    case 'keys':
    case 'values':
    case 'sample':
    case 'zipWithIndex':
    case 'filterKey':
    case 'concat':
      return true;
    default:
      return false;
  }
}

export class PreparedStage {
  readonly plan: StagePlan;
  readonly root: RddNode;
  /** Whether the order of what its tasks read depended on memory, or on a side of a join that turned out to be small. */
  readonly readsDisordered: boolean;
  /** All functions by number, as the generated loops take them. */
  readonly functions: UserFunction[] = [];
  /** Numbers of the functions that are async by their syntax or once returned a promise. */
  readonly #awaited = new Set<number>();
  #awaitsEverything = false;
  /** Functions that are no generators and once returned what only an iterator walks. */
  readonly #lazy = new Set<ClosureId>();
  readonly #nodes = new Map<number, RddNode>();
  readonly #slots = new Map<number, number>();
  readonly #numbers = new Map<ClosureId, number>();
  readonly #loaded = new Map<ClosureId, LoadedFunction>();
  readonly #inputs = new Map<number, ShuffleInput>();
  readonly #load: FunctionLoader;
  /** Of all nodes, once asked for. */
  #awaiting: Set<number> | undefined;
  readonly #prepared = new Map<number, unknown[]>();
  readonly #loops = new Map<string, PushLoop>();
  /** What its tasks share. */
  readonly joinTables = new SharedJoinTables();

  constructor(plan: StagePlan, load: FunctionLoader) {
    this.plan = plan;
    for (const [slot, node] of plan.nodes.entries()) {
      this.#nodes.set(node.rddId, node);
      this.#slots.set(node.rddId, slot);
    }
    this.#load = load;
    for (const id of plan.closureIds) this.loaded(id);
    for (const input of plan.shuffleInputs) this.#inputs.set(input.shuffleId, input);
    this.root = this.node(plan.rddId);
    this.readsDisordered =
      plan.shuffleInputs.some(({ disordered }) => disordered) ||
      plan.nodes.some(
        ({ op, disordered }) => disordered || (op.kind === 'join' && op.broadcast !== undefined),
      );
  }

  node(rddId: number): RddNode {
    const node = this.#nodes.get(rddId);
    if (node === undefined) {
      throw new StagelightError(
        'PLAN_INCOMPLETE',
        `stage ${this.plan.stageId} was sent without its RDD ${rddId}`,
      );
    }
    return node;
  }

  /** Where a node's rows are counted; an operator that only the action adds has the place behind all nodes. */
  slot(node: RddNode): number {
    return this.#slots.get(node.rddId) ?? this.plan.nodes.length;
  }

  loaded(id: ClosureId): LoadedFunction {
    let loaded = this.#loaded.get(id);
    if (loaded === undefined) {
      loaded = this.#load(id);
      this.#loaded.set(id, loaded);
      this.#numbers.set(id, this.functions.length);
      if (loaded.isAsync) this.#awaited.add(this.functions.length);
      this.functions.push(loaded.call);
    }
    return loaded;
  }

  /** Before each pass of a task: no function remembers what earlier calls did to its captures. */
  renewCaptures(): void {
    for (const fn of this.functions) renewCaptures(fn);
  }

  /** The number of a function in `functions`. */
  number(id: ClosureId): number {
    this.loaded(id);
    return this.#numbers.get(id)!;
  }

  function(id: ClosureId): UserFunction {
    return this.loaded(id).call;
  }

  /** From now on the results of this function are awaited. */
  awaitFunction(fn: number): void {
    this.#awaited.add(fn);
    this.#awaiting = undefined;
  }

  /** From now on what this function returns is walked by its iterator. */
  walkByIterator(id: ClosureId): void {
    this.#lazy.add(id);
  }

  #walksByIterator(id: ClosureId): boolean {
    return this.#lazy.has(id) || this.loaded(id).isGenerator;
  }

  /** From now on every node counts as awaited. */
  awaitEverything(): void {
    this.#awaitsEverything = true;
  }

  isAwaited(id: ClosureId): boolean {
    return this.#awaited.has(this.number(id));
  }

  /** Whether computing a node calls, here or below in this stage, a function that must be awaited. */
  awaits(node: RddNode): boolean {
    if (this.#awaitsEverything) return true;
    if (this.#awaited.size === 0) return false;
    // Parents come first in the plan; no recursion, for chains may be thousands long.
    if (this.#awaiting === undefined) {
      this.#awaiting = new Set();
      for (const each of this.plan.nodes) if (this.#awaitsHere(each)) this.#awaiting.add(each.rddId);
    }
    return this.#awaiting.has(node.rddId);
  }

  #awaitsHere(node: RddNode): boolean {
    return (
      this.callsAwaited(node) ||
      node.dependencies.some((dep) => dep.kind !== 'shuffle' && this.#awaiting!.has(dep.rddId))
    );
  }

  /** Whether computing the node itself calls a function that must be awaited. */
  callsAwaited(node: RddNode): boolean {
    return functionsCalled(node).some((id) => this.isAwaited(id));
  }

  /** Whether what the tasks do with the rows calls one. */
  outputAwaits(): boolean {
    return functionsOfOutput(this.plan.output).some((id) => this.isAwaited(id));
  }

  shuffleInput(shuffleId: number): ShuffleInput | undefined {
    return this.#inputs.get(shuffleId);
  }

  /** What a preparation of this RDD found: range bounds, partition offsets. */
  prepared(rddId: number): unknown[] {
    let rows = this.#prepared.get(rddId);
    if (rows === undefined) {
      const encoded = this.plan.prepared[rddId];
      if (encoded === undefined) {
        throw new StagelightError(
          'PLAN_INCOMPLETE',
          `RDD ${rddId} was sent without what was prepared for it`,
        );
      }
      rows = decodeRows(encoded);
      this.#prepared.set(rddId, rows);
    }
    return rows;
  }

  /** The one loop for a chain of nodes into a kind of sink; compiled when a task first needs it. */
  loop(chain: RddNode[], head: LoopHead, sink: SinkKind): PushLoop {
    let key = `${head} ${sink.kind}`;
    for (const node of chain) {
      key += ` ${node.rddId}`;
      if ('fn' in node.op && this.#lazy.has(node.op.fn)) key += ' lazy';
    }
    let loop = this.#loops.get(key);
    if (loop === undefined) {
      loop = new PushLoop(
        head,
        chain.map((node) => this.#step(node)),
        sink,
      );
      this.#loops.set(key, loop);
    }
    return loop;
  }

  #step(node: RddNode): LoopStep {
    const op = node.op as RowOperator;
    const fn = 'fn' in op ? op.fn : undefined;
    return {
      op,
      slot: this.slot(node),
      fn: fn === undefined ? -1 : this.number(fn),
      generator: fn !== undefined && this.#walksByIterator(fn),
    };
  }
}
