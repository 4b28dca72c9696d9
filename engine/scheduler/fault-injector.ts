/**
 * Carries out the faults that viewers ask for, on the real thing: processes are killed, files deleted and damaged,
 * cached partitions dropped, tasks slowed. What follows is for the schedulers to find out, as of any other loss.
 */
import type { Clock } from '../clock.ts';
import { StagelightError } from '../errors.ts';
import {
  type Fault,
  type InjectedFault,
  MAX_SLOW_DELAY_MS,
  MAX_SLOW_FACTOR,
  type Slowness,
} from '../fault-protocol.ts';
import type { EngineEvent, StageInfo } from '../protocol.ts';
import type { MapStatus } from '../rdd/plan.ts';
import { corruptMapOutput, dropMapOutput, mapOutputExists } from '../shuffle/damage-map-output.ts';
import type { SchedulerBackend, SlowedTask, TaskLaunch } from './backend.ts';
import type { DagState } from './dag-state.ts';
import type { DagEvent, TaskSet } from './events.ts';
import { describeSite, type ShuffleMapStage } from './stage.ts';

/** What an executor's loss, or a block's, is put down to. */
const FROM_THE_PAGE = 'from the page';
/** Stages are remembered after their jobs, so that a partition of one that was seen can be slowed in later ones. */
const REMEMBERED_STAGES = 2_000;
/** Slowed partitions at a time. */
const MOST_SLOWED = 100;

export interface FaultInjectorOptions {
  dag: DagState;
  backend: SchedulerBackend;
  clock: Clock;
  emit(event: EngineEvent): void;
  dagEvent(event: DagEvent): void;
}

interface KnownStage {
  /** Equal for the stages of one call, job after job. */
  site: string;
  numPartitions: number;
}

interface SlowRule {
  stageId: number;
  site: string;
  partition: number;
  slowness: Slowness;
}

type Target = Omit<InjectedFault, 'faultId' | 'fault' | 'by'>;

export class FaultInjector {
  readonly #options: FaultInjectorOptions;
  readonly #executors = new Set<string>();
  readonly #stages = new Map<number, KnownStage>();
  readonly #slowed = new Map<number, SlowRule>();
  #lastId = 0;

  constructor(options: FaultInjectorOptions) {
    this.#options = options;
  }

  /** Every event that the schedulers emit passes here: it learns of stages and executors. */
  note(event: EngineEvent): void {
    switch (event.type) {
      case 'executorAdded':
        this.#executors.add(event.executorId);
        return;
      case 'executorRemoved':
        this.#executors.delete(event.executorId);
        return;
      case 'stageSubmitted':
        this.#remember(event.stage);
        return;
      default:
    }
  }

  /** Does it, and says so in an event before anything that follows from it. Throws a StagelightError that names why not. */
  inject(fault: Fault, by?: string): void {
    const faultId = this.#lastId + 1;
    const act = this.#prepare(fault, faultId);
    this.#lastId = faultId;
    const { clock, emit } = this.#options;
    const who = by === undefined ? {} : { by };
    emit({ type: 'faultInjected', faultId, fault, ...act.target, ...who, time: clock.now() });
    act.run();
  }

  /** Ends the slowing of a partition, or of all; of running tasks too. */
  clear(faultId: number | undefined, by?: string): void {
    const faultIds = faultId === undefined ? [...this.#slowed.keys()] : [faultId];
    if (faultIds.length === 0 || !faultIds.every((id) => this.#slowed.has(id))) {
      throw new StagelightError('FAULT_NOT_ACTIVE', 'that partition is not slowed any more', {
        hint: 'Somebody else cleared it, or the kernel was restarted.',
      });
    }
    for (const id of faultIds) this.#slowed.delete(id);
    const { backend, clock, emit } = this.#options;
    backend.clearSlowness(faultIds);
    const who = by === undefined ? {} : { by };
    emit({ type: 'faultsCleared', faultIds, ...who, time: clock.now() });
  }

  /** A set with slowed tasks hands out one task at a time: what would wait behind a slow one can run elsewhere. */
  spread(taskSet: TaskSet): TaskSet {
    const { stageId, partitions } = taskSet;
    const slow = partitions.some((partition) => this.#ruleFor(stageId, partition));
    return slow ? { ...taskSet, oneByOne: true } : taskSet;
  }

  /** The tasks as they are to be launched. */
  slow(stageId: number, tasks: TaskLaunch[]): TaskLaunch[] {
    if (this.#slowed.size === 0) return tasks;
    return tasks.map((task) => {
      const slow = this.#ruleFor(stageId, task.partition);
      return slow ? { ...task, slow } : task;
    });
  }

  #ruleFor(stageId: number, partition: number): SlowedTask | undefined {
    if (this.#slowed.size === 0) return undefined;
    const site = this.#stages.get(stageId)?.site;
    for (const [faultId, rule] of this.#slowed) {
      if (rule.partition === partition && (rule.stageId === stageId || rule.site === site))
        return { faultId, ...rule.slowness };
    }
    return undefined;
  }

  #remember(info: StageInfo): void {
    const { stageId, kind, name, callSite } = info;
    // Without a place in the source, another stage is not known for the same.
    const site = callSite ? `${kind} ${describeSite(name, callSite)}` : `stage ${stageId}`;
    this.#stages.delete(stageId);
    this.#stages.set(stageId, { site, numPartitions: info.rdds.at(-1)?.numPartitions ?? info.numTasks });
    if (this.#stages.size <= REMEMBERED_STAGES) return;
    for (const oldest of this.#stages.keys()) {
      this.#stages.delete(oldest);
      return;
    }
  }

  // ------------------------------------------------------------------ what is broken, and how

  #prepare(fault: Fault, faultId: number): { target: Target; run: () => void } {
    const { backend } = this.#options;
    switch (fault.kind) {
      case 'killExecutor': {
        const { executorId } = fault;
        if (!this.#executors.has(executorId)) throw executorGone(executorId);
        const run = () => backend.killExecutor(executorId, `killed ${FROM_THE_PAGE}`);
        return { target: { executorId }, run };
      }
      case 'dropBlock':
        return this.#damage([this.#output(fault.stageId, fault.partition)], faultId, dropMapOutput);
      case 'corruptBlock':
        return this.#damage([this.#output(fault.stageId, fault.partition)], faultId, corruptMapOutput);
      case 'dropExecutorBlocks':
        return this.#damage(this.#outputsOf(fault.executorId), faultId, dropMapOutput);
      case 'dropCached':
        return this.#dropCached(fault, faultId);
      case 'slowPartition':
        return this.#slowPartition(fault, faultId);
      default:
        return fault satisfies never;
    }
  }

  #damage(outputs: MapStatus[], faultId: number, damage: (output: MapStatus) => void) {
    const { damaged } = this.#options.dag;
    const executorIds = new Set(outputs.map((output) => output.executorId));
    const [executorId] = executorIds;
    const target: Target = { blocks: outputs.length };
    if (executorIds.size === 1 && executorId !== undefined) target.executorId = executorId;
    const run = () => {
      for (const output of outputs) {
        damaged.set(output.path, faultId);
        damage(output);
      }
    };
    return { target, run };
  }

  #mapStage(stageId: number): ShuffleMapStage {
    const stage = this.#options.dag.stages.get(stageId);
    if (stage?.kind === 'shuffleMap') return stage;
    if (stage) {
      throw new StagelightError(
        'FAULT_NO_BLOCKS',
        `Stage ${stageId} is a result stage: it writes no blocks`,
        {
          hint: 'Choose a shuffle map stage: the stages before it in the graph.',
        },
      );
    }
    throw stageUnknown(stageId);
  }

  /** The map output of a partition, intact as far as anybody knows. */
  #output(stageId: number, partition: number): MapStatus {
    const stage = this.#mapStage(stageId);
    const { outputs, damaged } = this.#options.dag;
    if (partition >= stage.numPartitions) throw partitionUnknown(stageId, partition, stage.numPartitions);
    const output = outputs.output(stage.dependency.shuffleId, partition);
    if (!output) {
      throw new StagelightError(
        'FAULT_NOT_FINISHED',
        `Partition ${partition} of stage ${stageId} has no block: its task has not finished`,
        { hint: 'Wait for the stage, or run an action that needs it.' },
      );
    }
    if (damaged.has(output.path) || !mapOutputExists(output)) {
      throw new StagelightError(
        'FAULT_BLOCK_GONE',
        `The block of partition ${partition} of stage ${stageId} is already lost or damaged, and nobody has missed it yet`,
        { hint: 'Run an action that reads it: its loss is found then.' },
      );
    }
    return output;
  }

  #outputsOf(executorId: string): MapStatus[] {
    const { mapStages, outputs, damaged } = this.#options.dag;
    const found = [...mapStages.keys()]
      .flatMap((shuffleId) => outputs.outputs(shuffleId))
      .filter((output) => output.executorId === executorId && !damaged.has(output.path));
    if (found.length > 0) return found;
    throw new StagelightError(
      'FAULT_NO_BLOCKS',
      `Executor ${executorId} wrote no block that is still there`,
      {
        hint: 'Choose an executor that ran tasks of a shuffle map stage.',
      },
    );
  }

  #dropCached({ rddId, partition }: Extract<Fault, { kind: 'dropCached' }>, faultId: number) {
    const { dag, backend, dagEvent } = this.#options;
    const holders = [...(dag.cache.locations(rddId, partition) ?? [])];
    if (holders.length === 0) {
      throw new StagelightError('FAULT_BLOCK_GONE', `Partition ${partition} of RDD ${rddId} is not cached`, {
        hint: 'Persist the dataset, and run an action that computes it.',
      });
    }
    const target: Target = { blocks: holders.length };
    if (holders.length === 1) target.executorId = holders[0]!;
    const name = dag.rdds.get(rddId)?.name;
    if (name !== undefined) target.rddName = name;
    if (dag.shared.has(rddId, partition)) target.keptInFile = true;
    const reason = `dropped ${FROM_THE_PAGE}`;
    const run = () => {
      for (const executorId of holders) {
        backend.dropBlock(executorId, rddId, partition);
        dagEvent({ type: 'blockEvicted', executorId, rddId, partition, reason, faultId });
      }
    };
    return { target, run };
  }

  #slowPartition(
    { stageId, partition, slowness }: Extract<Fault, { kind: 'slowPartition' }>,
    faultId: number,
  ) {
    const stage = this.#stages.get(stageId);
    if (!stage) throw stageUnknown(stageId);
    const { site, numPartitions } = stage;
    if (partition >= numPartitions) throw partitionUnknown(stageId, partition, numPartitions);
    const [amount, most] =
      'factor' in slowness ? [slowness.factor, MAX_SLOW_FACTOR] : [slowness.delay, MAX_SLOW_DELAY_MS];
    if (!(amount > 0) || amount > most) {
      throw new StagelightError('FAULT_OUT_OF_RANGE', `A partition cannot be slowed by ${amount}`, {
        hint: `At most ${MAX_SLOW_FACTOR} times, or by ${MAX_SLOW_DELAY_MS / 1_000} seconds.`,
      });
    }
    if (this.#slowed.size >= MOST_SLOWED) {
      throw new StagelightError('FAULT_TOO_MANY', `${MOST_SLOWED} partitions are slowed already`, {
        hint: 'Clear some of them.',
      });
    }
    const run = () => {
      // The later order for the same partition stands.
      for (const [id, rule] of this.#slowed)
        if (rule.partition === partition && rule.site === site) this.clear(id);
      this.#slowed.set(faultId, { stageId, site, partition, slowness });
    };
    return { target: { site }, run };
  }
}

function stageUnknown(stageId: number): StagelightError {
  return new StagelightError('FAULT_STAGE_UNKNOWN', `There is no stage ${stageId} with blocks any more`, {
    hint: 'Its datasets are out of reach, or the kernel was restarted. Run the cell again.',
  });
}

function partitionUnknown(stageId: number, partition: number, count: number): StagelightError {
  return new StagelightError(
    'FAULT_PARTITION_UNKNOWN',
    `Stage ${stageId} has no partition ${partition}: they count from 0 to ${count - 1}`,
    { hint: 'Choose one of them.' },
  );
}

function executorGone(executorId: string): StagelightError {
  return new StagelightError('FAULT_EXECUTOR_GONE', `Executor ${executorId} is not alive`, {
    hint: 'Another one has taken its place: choose that.',
  });
}
