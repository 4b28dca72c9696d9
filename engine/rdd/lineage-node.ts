/** The five properties of a dataset and its persistence: everything the scheduler must know, nothing users compute with. */
import { inspect } from 'node:util';
import type { CapturedClosure } from '../closure/closure.ts';
import { positioned, StagelightError } from '../errors.ts';
import type { CallSite } from '../protocol.ts';
import { StorageLevel, storageLevelOf, withDisk } from '../storage/storage-level.ts';
import { requireFewPartitions, requirePartitioner } from './argument.ts';
import { type Checkpoint, directoryOf } from './checkpoint.ts';
import { toDebugString } from './debug-string.ts';
import { repeatsOf } from './dependency.ts';
import { ancestorsFirst, type Call, type Lineage } from './lineage.ts';
import { notShippable } from './not-shippable.ts';
import type { Operator } from './operator.ts';
import type { Partitioner, PartitionerArgument } from './partitioner.ts';
import type { ClosureId, Dependency, Preparation, RddNode, StorageLevelName } from './plan.ts';

/** What an operator says of the RDD it makes, right when it is called. */
export interface RddDefinition {
  name: string;
  parents: LineageNode[];
  closures: CapturedClosure[];
  /** The partitioner the user passed, if any: its function travels along, its owner stays reachable. */
  partitioner?: PartitionerArgument;
  plan: (rdd: LineageNode) => RddPlan;
  /** Frees what the dataset owns outside the plan, once it is unreachable. */
  release?: () => void;
}

/** What it says when the plan is built, once the parents' partitions are known. */
export interface RddPlan {
  op: Operator;
  numPartitions: number;
  dependencies: Dependency[];
  partitioner?: Partitioner | undefined;
  preparation?: Preparation;
  orderSensitive?: boolean | undefined;
  /** Its tasks start together. */
  barrier?: true;
  /** Engine functions the operator calls that may return promises. */
  awaitedBuiltins?: ClosureId[];
}

export abstract class LineageNode {
  /** The number of this dataset in its application. */
  readonly id: number;
  /** All datasets of the application. */
  readonly lineage: Lineage;
  /** The datasets it is computed from. */
  parents: readonly LineageNode[];
  readonly [notShippable] = 'an RDD';
  /** The operator's name, or the one given by `setName`. */
  name: string;
  readonly #call: Call;
  #closures: CapturedClosure[];
  #plan: ((rdd: LineageNode) => RddPlan) | undefined;
  #node: RddNode | undefined;
  #partitioner: Partitioner | undefined;
  #storageLevel: StorageLevel = StorageLevel.NONE;
  #checkpoint: Checkpoint | undefined;

  constructor(lineage: Lineage, definition: RddDefinition) {
    this.lineage = lineage;
    this.name = definition.name;
    this.#call = lineage.currentCall(definition.name);
    for (const parent of definition.parents) requireDataset(parent, this.#call.name);
    const { partitioner } = definition;
    requirePartitioner(partitioner, this.#call.name);
    const owner = typeof partitioner === 'object' ? partitioner.owner : undefined;
    this.parents = owner ? [...definition.parents, owner] : definition.parents;
    this.#closures = definition.closures;
    this.#plan = definition.plan;
    this.id = lineage.register(this, definition.release);
  }

  // ------------------------------------------------------------------ the five properties

  /** The dataset as data. Ancestors are built first, without recursion: lineages may be thousands long. */
  node(): RddNode {
    if (!this.#node)
      for (const rdd of ancestorsFirst(this, (candidate) => candidate.#node !== undefined)) rdd.#build();
    return this.#node!;
  }

  #build(): void {
    const plan = this.#planned();
    const { op, numPartitions, dependencies, partitioner, preparation, orderSensitive } = plan;
    let shuffles = false;
    for (const dependency of dependencies) {
      if (dependency.kind !== 'shuffle') continue;
      shuffles = true;
      if (this.#call.callSite) dependency.callSite = this.#call.callSite;
    }
    requireFewPartitions(numPartitions, this.#call.name);
    if (partitioner?.closure && shuffles) this.#closures = [...this.#closures, partitioner.closure];
    const parents = new Map(this.parents.map((parent) => [parent.id, parent.#node!]));
    this.#partitioner = partitioner;
    this.#node = {
      rddId: this.id,
      name: this.name,
      op,
      numPartitions,
      dependencies,
      closures: [...new Set([...this.#closures.map(({ id }) => id), ...(plan.awaitedBuiltins ?? [])])],
      storageLevel: this.#storageLevel,
      ...repeatsOf(dependencies, (id) => parents.get(id)!, {
        op,
        closures: this.#closures,
        orderSensitive: orderSensitive ?? false,
      }),
      callSite: this.#call.callSite,
      preparation,
      ...(orderSensitive ? { tellsPlaces: true as const } : {}),
      ...(plan.barrier ? { barrier: true as const } : {}),
      ...(this.#closures.some((closure) => closure.readsTask) ? { readsTask: true as const } : {}),
      ...(this.#closures.some((closure) => closure.accumulates) ? { accumulates: true as const } : {}),
    };
    this.#plan = undefined;
  }

  /** What is wrong with it (no file of that name) is found out by an action; the place is still that of the operator. */
  #planned(): RddPlan {
    try {
      return this.#plan!(this);
    } catch (error) {
      throw positioned(error, this.#call.callSite);
    }
  }

  /** The name of the operator the user called; for a part of `sortBy` that is `sortBy`. */
  get callName(): string {
    return this.#call.name;
  }

  /** Where the user called it. */
  get callSite(): CallSite | undefined {
    return this.#call.callSite;
  }

  /** Both were made by one call of the user, as the datasets inside `distinct` are. */
  isPartOfCall(other: LineageNode): boolean {
    return this.#call === other.#call;
  }

  /** The plan's node if there is one yet; asking makes none. */
  get plannedNode(): RddNode | undefined {
    return this.#node;
  }

  /** The functions it was made with, as captured. */
  get closures(): readonly CapturedClosure[] {
    return this.#closures;
  }

  /** How many partitions there are. Lists the input files when they were not looked at yet. */
  getNumPartitions(): number {
    return this.node().numPartitions;
  }

  /** What it reads: one entry per parent, narrow ones with the rule of which partitions, shuffles with their partitioner. */
  get dependencies(): readonly Dependency[] {
    return this.node().dependencies;
  }

  /** The rule by which keys were assigned to partitions, when one is known. */
  get partitioner(): Partitioner | undefined {
    this.node();
    return this.#partitioner;
  }

  /** Where its partitions are kept once computed. */
  getStorageLevel(): StorageLevel {
    return this.#storageLevel;
  }

  /** The lineage as text: one line per dataset, indented at each shuffle, with partition counts. */
  toDebugString(): string {
    return toDebugString(this);
  }

  /** Its name and number, in one line. */
  toString(): string {
    const site = this.#call.callSite;
    return `RDD[${this.id}] ${this.name}${site ? ` at ${site.file}:${site.line}` : ''}`;
  }

  /** What a notebook shows of a dataset: its name, not the whole lineage behind it. */
  [inspect.custom](): string {
    return this.toString();
  }

  // ------------------------------------------------------------------ name and persistence

  /** Gives the dataset a name, shown in plans and stages. */
  setName(name: string): this {
    this.name = name;
    if (this.#node) this.#node.name = name;
    if (this.lineage.isSubmitted(this.id)) this.lineage.runner.setName(this.id, name);
    return this;
  }

  /**
   * Keeps computed partitions for later jobs; MEMORY_ONLY unless said otherwise. A level that was assigned stays until
   * `unpersist`: another one is refused as STORAGE_LEVEL_ASSIGNED.
   */
  persist(level: Exclude<StorageLevelName, 'NONE'> = 'MEMORY_ONLY'): this {
    const wanted = storageLevelOf(level);
    const { name } = this.#storageLevel;
    if (name !== 'NONE' && name !== wanted.name) throw levelAssigned(this, name, wanted.name);
    return this.#keepAt(wanted);
  }

  #keepAt(level: StorageLevel): this {
    this.#storageLevel = level;
    if (this.#node) this.#node.storageLevel = this.#storageLevel;
    if (this.lineage.isSubmitted(this.id)) this.lineage.runner.persist(this.id, this.#storageLevel);
    return this;
  }

  /** Keeps the partitions in memory once computed: the same as `persist()`. */
  cache(): this {
    return this.persist();
  }

  /** Drops the cached partitions. */
  unpersist(): this {
    return this.#keepAt(StorageLevel.NONE);
  }

  // ------------------------------------------------------------------ checkpoints

  /**
   * Marks the dataset: the next action that computes it is followed by a job that writes its rows to files below
   * `sc.setCheckpointDir`, and from then on it is read from there and its lineage is cut. Computes the rows a second time
   * unless they are cached, so `cache()` it too. Without a directory it is an error named CHECKPOINT_DIR_UNSET.
   */
  checkpoint(): void {
    const directory = directoryOf(this.lineage.checkpointDirectory, this);
    if (this.#checkpoint) return;
    this.#checkpoint = {
      kind: 'reliable',
      directory,
      call: this.lineage.currentCall('checkpoint'),
      state: 'marked',
    };
  }

  /**
   * As checkpoint, kept by the executors instead of files: quicker, and lost with an executor, which is an error named
   * LOCAL_CHECKPOINT_LOST. The dataset is persisted with a copy on disk; `unpersist` loses it for good.
   */
  localCheckpoint(): this {
    if (this.#checkpoint?.state === 'written' || this.#checkpoint?.writing) return this;
    this.#checkpoint = { kind: 'local', call: this.lineage.currentCall('localCheckpoint'), state: 'marked' };
    const { name } = this.#storageLevel;
    return this.#keepAt(name === 'NONE' ? StorageLevel.MEMORY_AND_DISK : withDisk(this.#storageLevel));
  }

  /** Whether its rows are kept, by files or executors, and its lineage is cut. */
  isCheckpointed(): boolean {
    return this.#checkpoint?.state === 'written';
  }

  /** Whether it is marked by `localCheckpoint`, written or not. */
  isLocallyCheckpointed(): boolean {
    return this.#checkpoint?.kind === 'local';
  }

  /** The folder of its checkpoint files, once they are written. */
  getCheckpointFile(): string | undefined {
    return this.isCheckpointed() ? this.#checkpoint?.directory : undefined;
  }

  /** A checkpoint that was asked for and is not written. */
  get pendingCheckpoint(): Checkpoint | undefined {
    return this.#checkpoint?.state === 'marked' ? this.#checkpoint : undefined;
  }

  /** From now on its rows come from where they were kept. Other datasets go on to depend on it; it depends on none. */
  cutLineage(op: Operator): void {
    // What is read from where it was kept needs no meeting of tasks: no barrier either.
    const { preparation, barrier, unproven, ...node } = this.node();
    this.#node = {
      ...node,
      op,
      dependencies: [],
      closures: [],
      // Spark's rule: what is in reliable files is the same whenever it is read.
      determinism: op.kind === 'checkpoint' ? 'DETERMINATE' : node.determinism,
      ...(unproven && op.kind !== 'checkpoint' ? { unproven } : {}),
    };
    // Others may be partitioned by its bounds, which are known by now; offsets are in its rows.
    if (preparation?.finish.kind === 'rangeBounds') this.#node.preparation = preparation;
    this.parents = [];
    this.#closures = [];
    this.lineage.replan(this.#node);
  }
}

/** An array, or a forgotten argument, in the place of a dataset: named at the operator, not where its plan is made. */
export function requireDataset(value: unknown, operator: string): void {
  if (value instanceof LineageNode) return;
  const got = Array.isArray(value) ? 'an array' : value === null ? 'null' : typeof value;
  throw new StagelightError('INVALID_ARGUMENT', `${operator}: expected a dataset, got ${got}`, {
    hint: 'Pass an RDD; sc.parallelize(array) makes one of an array.',
  });
}

function levelAssigned(rdd: LineageNode, assigned: string, wanted: string): StagelightError {
  return new StagelightError(
    'STORAGE_LEVEL_ASSIGNED',
    `persist: ${rdd.toString()} is kept at ${assigned} already and cannot change to ${wanted}`,
    { hint: `Call unpersist() first, which drops what is kept, then persist('${wanted}').` },
  );
}
