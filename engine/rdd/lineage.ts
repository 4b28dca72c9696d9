/**
 * What the driver knows of all datasets of one application: ids, which operator is being called, which nodes and
 * closures the scheduler already has, and which datasets user code can no longer reach.
 */

import { callSiteFromStack } from '../closure/call-site.ts';
import { captureClosure } from '../closure/capture.ts';
import type { AnyFunction, CapturedClosure } from '../closure/closure.ts';
import { StagelightError } from '../errors.ts';
import type { CallSite } from '../protocol.ts';
import { ActiveJobs } from './active-jobs.ts';
import type { BuiltinId } from './builtins.ts';
import type { JobRunner } from './job-runner.ts';
import type { JobScope } from './job-scope.ts';
import type { LineageNode } from './lineage-node.ts';
import type { ClosureBlob, ClosureId, RddNode } from './plan.ts';
import { SharedVariables } from './shared-variables.ts';

export type FunctionArgument = AnyFunction | BuiltinId;

/** The operator or action the user called; operators it is made of count as part of it. */
export interface Call {
  name: string;
  callSite: CallSite | undefined;
}

export class Lineage {
  readonly runner: JobRunner;
  /** Of jobs started outside any cell. */
  readonly outermostScope: JobScope = {};
  readonly activeJobs = new ActiveJobs();
  readonly shared: SharedVariables;
  /** A folder of this application in the one that `setCheckpointDir` named. */
  checkpointDirectory: string | undefined;
  #nextRddId = 0;
  #nextShuffleId = 0;
  #call: Call | undefined;
  /** Closures of the nodes the scheduler has. */
  readonly #submitted = new Map<number, readonly ClosureId[]>();
  /** How many of those nodes use a closure: it is sent again only after all of them were forgotten. */
  readonly #closureUses = new Map<ClosureId, number>();
  /** RDDs of running jobs, and what their actions hold by handle: kept reachable until the job ends. */
  readonly #running = new Map<object, number>();
  #unreachable: number[] = [];
  readonly #lifetimes: FinalizationRegistry<number>;
  readonly #releases = new Map<number, () => void>();

  constructor(runner: JobRunner) {
    this.runner = runner;
    this.shared = new SharedVariables(runner, (jobId) => this.activeJobs.has(jobId));
    this.#lifetimes = new FinalizationRegistry((rddId) => this.forget(rddId));
  }

  /** Ids count from 0 in the order datasets are made; `release` frees what an unreachable dataset owned. */
  register(rdd: LineageNode, release?: () => void): number {
    const rddId = this.#nextRddId++;
    this.#lifetimes.register(rdd, rddId);
    if (release) this.#releases.set(rddId, release);
    return rddId;
  }

  nextShuffleId(): number {
    return this.#nextShuffleId++;
  }

  /** The outermost call in progress, so that the parts of `distinct` carry the call site of `distinct`. */
  currentCall(name: string): Call {
    if (this.#call) return this.#call;
    const callSite = callSiteFromStack();
    return { name, callSite: callSite && { ...callSite, name } };
  }

  /** Builds an operator out of others: all of them carry this call, and the result carries its name. */
  operator<R extends LineageNode>(name: string, build: () => R): R {
    if (this.#call) return build();
    const firstId = this.#nextRddId;
    this.#call = this.currentCall(name);
    try {
      const rdd = build();
      if (rdd.id >= firstId) rdd.name = name;
      return rdd;
    } finally {
      this.#call = undefined;
    }
  }

  /** Reads and freezes a function's captures now, so that later recomputation sees the same values. */
  capture(fn: FunctionArgument, call: Call): { id: ClosureId; closure?: CapturedClosure } {
    if (typeof fn === 'string') return { id: fn };
    if (typeof fn !== 'function') throw notAFunction(fn, call);
    if (isGenerator(fn) && !SPREADING.has(call.name)) throw generatorGiven(call);
    const closure = captureClosure(fn, call.name, call.callSite);
    return { id: closure.id, closure };
  }

  /** The nodes `rdd` needs that the scheduler lacks, parents first, with their closures; they count as sent. */
  takeUnsubmitted(rdd: LineageNode): { nodes: RddNode[]; closures: ClosureBlob[] } {
    const nodes: RddNode[] = [];
    const closures: ClosureBlob[] = [];
    for (const next of ancestorsFirst(rdd, (candidate) => this.#submitted.has(candidate.id))) {
      const node = next.node();
      nodes.push(node);
      for (const closure of next.closures) {
        const uses = this.#closureUses.get(closure.id) ?? 0;
        if (uses === 0) closures.push({ id: closure.id, bytes: closure.bytes });
        this.#closureUses.set(closure.id, uses + 1);
      }
      this.#submitted.set(next.id, node.closures);
    }
    return { nodes, closures };
  }

  /** A dataset is computed from kept rows from now on: the scheduler frees what it was made with. */
  replan(node: RddNode): void {
    const closureIds = this.#submitted.get(node.rddId);
    if (!closureIds) return;
    this.#releaseClosures(closureIds);
    this.#submitted.set(node.rddId, node.closures);
    this.runner.replan(node);
  }

  #releaseClosures(closureIds: readonly ClosureId[]): void {
    for (const id of closureIds) {
      const uses = (this.#closureUses.get(id) ?? 1) - 1;
      if (uses > 0) this.#closureUses.set(id, uses);
      else this.#closureUses.delete(id);
    }
  }

  isSubmitted(rddId: number): boolean {
    return this.#submitted.has(rddId);
  }

  /** Keeps datasets and shared variables reachable until the returned function is called. */
  hold(held: readonly object[]): () => void {
    for (const each of held) this.#running.set(each, (this.#running.get(each) ?? 0) + 1);
    return () => {
      for (const each of held) {
        const uses = (this.#running.get(each) ?? 1) - 1;
        if (uses > 0) this.#running.set(each, uses);
        else this.#running.delete(each);
      }
    };
  }

  /** The dataset is unreachable: tells the scheduler, in one message for all that were collected together. */
  forget(rddId: number): void {
    this.#releases.get(rddId)?.();
    this.#releases.delete(rddId);
    const closureIds = this.#submitted.get(rddId);
    if (!closureIds) return;
    this.#submitted.delete(rddId);
    this.#releaseClosures(closureIds);
    if (this.#unreachable.push(rddId) > 1) return;
    queueMicrotask(() => {
      const rddIds = this.#unreachable;
      this.#unreachable = [];
      this.runner.forget(rddIds);
    });
  }
}

/** Operators whose functions return what is to be walked. */
const SPREADING = new Set([
  'flatMap',
  'flatMapValues',
  'mapPartitions',
  'mapPartitionsWithIndex',
  'zipPartitions',
]);

function isGenerator(fn: AnyFunction): boolean {
  const tag: unknown = (fn as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return tag === 'GeneratorFunction' || tag === 'AsyncGeneratorFunction';
}

function generatorGiven({ name, callSite }: Call): StagelightError {
  return new StagelightError(
    'INVALID_ARGUMENT',
    `${name}: a generator (function*) was given; called, it does nothing but make an iterator`,
    {
      hint: 'Write it without the *, or use flatMap or mapPartitions, which take the rows that a generator yields.',
      position: callSite,
    },
  );
}

function notAFunction(value: unknown, { name, callSite }: Call): StagelightError {
  return new StagelightError('INVALID_ARGUMENT', `${name}: expected a function, got ${String(value)}`, {
    hint: 'Is the name spelled as it is declared, and declared above this line?',
    position: callSite,
  });
}

/** `rdd` and its ancestors, parents before children, without those (and above those) that `skip` names. No recursion. */
export function ancestorsFirst(rdd: LineageNode, skip: (rdd: LineageNode) => boolean): LineageNode[] {
  const order: LineageNode[] = [];
  const seen = new Set<number>();
  const stack: { rdd: LineageNode; expanded: boolean }[] = [{ rdd, expanded: false }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.expanded) {
      order.push(top.rdd);
      continue;
    }
    if (seen.has(top.rdd.id) || skip(top.rdd)) continue;
    seen.add(top.rdd.id);
    stack.push({ rdd: top.rdd, expanded: true });
    for (const parent of top.rdd.parents) stack.push({ rdd: parent, expanded: false });
  }
  return order;
}
