/** Computes a partition in the synchronous kind of loop: pushed into a sink, or pulled batch by batch. */
import type { RddNode } from '../rdd/plan.ts';
import { BatchSize } from './batch-size.ts';
import type { Batches } from './batches.ts';
import { isCached, type Path, pathsTo } from './lineage-path.ts';
import type { LoopHead } from './loop-head.ts';
import type { OperatorClock } from './operator-clock.ts';
import { PulledPath } from './pulled-path.ts';
import type { Loop } from './push-loop.ts';
import { rangePart } from './range-rows.ts';
import type { SinkKind } from './sink-text.ts';
import type { JoinPart, PairSource, Source } from './source.ts';
import { openSource } from './source-batches.ts';
import type { TaskRun } from './task-run.ts';

/** Numbers of a range per call of a loop: enough to forget the call. */
const RANGE_CHUNK = 65_536;

type BindLoop = (head: LoopHead) => Loop;

/** Whose time the parts of a loop's text are: making the rows of a join, or what a generator gives, is in the head. */
function placesOf(task: TaskRun, path: Path, chain: RddNode[], head: LoopHead, sink: number) {
  const makes = head === 'join' || head === 'heldRight' || head === 'asked' || head === 'askedValues';
  const source = makes ? task.stage.slot(path.source) : undefined;
  return [source, ...chain.map((node) => task.stage.slot(node)), sink];
}

/** Time of the sink goes to `place`; to the last operator's when undefined, as that of taking its rows in. */
function binder(
  task: TaskRun,
  path: Path,
  sink: SinkKind,
  state: unknown,
  place: number | undefined,
  last?: RddNode,
): BindLoop {
  const chain = last === undefined ? path.chain : [...path.chain, last];
  return (head) => {
    const places = placesOf(task, path, chain, head, place ?? task.stage.slot(chain.at(-1)!));
    return task.stage
      .loop(chain, head, sink)
      .bind(task.loop, task.stage.functions, state, path.states, places);
  };
}

export function openPath(task: TaskRun, path: Path): Source {
  const open = () =>
    openSource(task, path, (node, partition, uncached) => pull(task, node, partition, uncached));
  return path.cut ? open() : task.loop.clock.within(task.stage.slot(path.source), open);
}

/** Counts the rows of a path's source as they go by, and their time, where nobody else does. */
export function counted(task: TaskRun, path: Path, source: Batches): Batches {
  if (path.cut) return source;
  const slot = task.stage.slot(path.source);
  const { clock } = task.loop;
  return {
    next() {
      clock.enter(slot);
      try {
        const rows = source.next();
        if (rows !== undefined) task.loop.rows[slot]! += rows.length;
        return rows;
      } finally {
        clock.leave();
      }
    },
    close: source.close,
  };
}

/** Whether the sink wants no more after the next rows; undefined when there are none. They are not held behind this call. */
function driveNext(loop: Loop, source: Batches): boolean | undefined {
  const rows = source.next();
  return rows === undefined ? undefined : loop(0, rows.length, rows);
}

/** True when the sink wants no more. */
function drive(loop: Loop, source: Batches): boolean {
  try {
    for (let enough = driveNext(loop, source); enough !== undefined; enough = driveNext(loop, source))
      if (enough) return true;
    return false;
  } finally {
    source.close();
  }
}

function drivePairs(task: TaskRun, slot: number, source: PairSource, bind: BindLoop): boolean {
  const loop = bind('pairs');
  const { clock } = task.loop;
  const next = () => source.next();
  try {
    for (let batch = clock.within(slot, next); batch !== undefined; batch = clock.within(slot, next)) {
      task.loop.rows[slot]! += batch.keys.length;
      if (loop(0, batch.keys.length, batch.keys, batch.values)) return true;
    }
    return false;
  } finally {
    source.close();
  }
}

function driveJoin(task: TaskRun, slot: number, parts: Iterable<JoinPart>, bind: BindLoop): boolean {
  const { clock } = task.loop;
  // Building the table is the work of asking for the next part.
  for (const { table, holdsRight, passing, keepPassing, rest } of timedItems(clock, slot, parts)) {
    const loop = bind(holdsRight ? 'heldRight' : 'join');
    const next = () => passing.next();
    try {
      for (let batch = clock.within(slot, next); batch !== undefined; batch = clock.within(slot, next)) {
        if (loop(0, batch.keys.length, batch.keys, batch.values, table, keepPassing)) return true;
      }
    } finally {
      task.loop.rows[slot]! += table.joined;
      passing.close();
    }
    if (rest !== undefined && drivePairs(task, slot, rest, bind)) return true;
  }
  return false;
}

function* timedItems<T>(clock: OperatorClock, slot: number, items: Iterable<T>): Generator<T, void> {
  const iterator = items[Symbol.iterator]();
  let ended = false;
  try {
    for (;;) {
      const step = clock.within(slot, () => iterator.next());
      if (step.done) {
        ended = true;
        return;
      }
      yield step.value;
    }
  } finally {
    if (!ended) iterator.return?.();
  }
}

function driveRange(task: TaskRun, path: Path, bind: BindLoop): boolean {
  const { op } = path.source;
  if (op.kind !== 'range') return false;
  const loop = bind('range');
  const [from, to] = rangePart(op, path.source, path.partition);
  for (let at = from; at < to; at += RANGE_CHUNK) {
    const length = Math.min(RANGE_CHUNK, to - at);
    task.loop.rows[task.stage.slot(path.source)]! += length;
    if (loop(0, length, op.start + at * op.step, op.step)) return true;
  }
  return false;
}

function pushPath(task: TaskRun, path: Path, bind: BindLoop): boolean {
  if (path.source.op.kind === 'range' && !isCached(path.source)) return driveRange(task, path, bind);
  const source = openPath(task, path);
  const slot = task.stage.slot(path.source);
  if (source.join !== undefined) return driveJoin(task, slot, source.join(), bind);
  if (source.pairs !== undefined) return drivePairs(task, slot, source.pairs, bind);
  return drive(bind('batch'), counted(task, path, source));
}

/** Sends every row of a partition into `sink`, whose run-time half is `state`; `last` is one operator before it. */
export function push(
  task: TaskRun,
  node: RddNode,
  partition: number,
  sink: SinkKind,
  state: unknown,
  last?: RddNode,
): void {
  for (const path of pathsTo(task.stage, node, partition)) {
    if (pushPath(task, path, binder(task, path, sink, state, task.loop.clock.output, last))) return;
  }
}

function pullPath(task: TaskRun, path: Path, size: BatchSize): Batches {
  const { chain, states } = path;
  return new PulledPath(task, chain, counted(task, path, openPath(task, path)), size, (head, from, sink) => {
    const source = chain[from - 1] ?? path.source;
    const rest = { ...path, source, chain: chain.slice(from), states: states.slice(from) };
    return binder(task, rest, { kind: 'collect' }, sink, undefined)(head);
  });
}

/** The rows of a partition on demand. `uncached` computes the node although it is to be cached. */
export function pull(task: TaskRun, node: RddNode, partition: number, uncached = false): Batches {
  const paths = pathsTo(task.stage, node, partition, uncached);
  const size = new BatchSize();
  let index = 0;
  let source: Batches | undefined;
  const nextRows = (): unknown[] | undefined => {
    for (;;) {
      if (source === undefined) {
        const path = paths[index++];
        if (path === undefined) return undefined;
        source = pullPath(task, path, size);
      }
      const rows = source.next();
      if (rows !== undefined) return rows;
      source = undefined;
    }
  };
  return {
    next() {
      task.enter();
      try {
        return nextRows();
      } finally {
        task.leave();
      }
    },
    close() {
      source?.close();
      source = undefined;
      index = paths.length;
    },
  };
}
