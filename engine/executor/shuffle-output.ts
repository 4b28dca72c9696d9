/** The sink of shuffle-map tasks: partitions rows, combining them first where the dependency says so. */
import type { MapStatus, ShuffleDependency } from '../rdd/plan.ts';
import { makePartitioner, type Partitioner } from '../shuffle/partitioner.ts';
import { ShuffleWriter } from '../shuffle/shuffle-writer.ts';
import { makeCombiner } from './aggregation.ts';
import type { SinkKind } from './sink-text.ts';
import type { TaskRun } from './task-run.ts';

export interface ShuffleOutput {
  kind: SinkKind;
  state: unknown;
  finish(): MapStatus;
  abort(): void;
}

function partitionerOf(task: TaskRun, { partitioner }: ShuffleDependency): Partitioner {
  const custom = partitioner.kind === 'custom' ? partitioner.closure : undefined;
  return makePartitioner(partitioner, {
    bounds: partitioner.kind === 'range' ? task.stage.prepared(partitioner.rddId) : undefined,
    closure: custom === undefined ? undefined : task.stage.function(custom),
    onPromise: (promise) => task.loop.thenable(task.stage.number(custom!), promise),
    mapPartition: task.launch.partition,
  });
}

/** `partitioner` when the plan's own is not to be asked. */
export function openWriter(
  task: TaskRun,
  dependency: ShuffleDependency,
  partitioner: Partitioner = partitionerOf(task, dependency),
): ShuffleWriter {
  const { config } = task.services;
  return new ShuffleWriter({
    directory: config.blockDirectory,
    executorId: config.executorId,
    shuffleId: dependency.shuffleId,
    mapIndex: task.launch.partition,
    attempt: task.launch.taskId,
    numPartitions: dependency.partitioner.numPartitions,
    partitioner,
    memory: task.memory,
    metrics: task.shuffleWrite,
  });
}

/** For an output whose rows depend on when memory ran short. */
export function withoutChecksums(status: MapStatus): MapStatus {
  return { ...status, rowChecksums: new Uint32Array() };
}

export function openShuffleOutput(task: TaskRun, dependency: ShuffleDependency): ShuffleOutput {
  const writer = openWriter(task, dependency);
  const finish = () => writer.commit();
  const abort = () => writer.abort();
  const write = (key: unknown, value: unknown) => writer.writePair(key, value);
  const { aggregator } = dependency;
  if (aggregator?.mapSideCombine) {
    let drained = false;
    const combiner = makeCombiner(task, aggregator, {
      place: 'map',
      // What was combined so far is written; the reducer merges it with the rest.
      onMemoryRefused(full) {
        drained = true;
        full.drain(write);
      },
    });
    return {
      kind: { kind: 'pairs' },
      state: { write: combiner.insertValue },
      finish: () => {
        combiner.drain(write);
        const status = finish();
        return drained ? withoutChecksums(status) : status;
      },
      abort() {
        combiner.release();
        abort();
      },
    };
  }
  if (dependency.keyed) return { kind: { kind: 'pairs' }, state: { write }, finish, abort };
  return { kind: { kind: 'each' }, state: { add: (row: unknown) => writer.writeRow(row) }, finish, abort };
}
