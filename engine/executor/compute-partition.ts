/** Computes a partition in the synchronous kind of loop: pushed into a sink, or pulled batch by batch. */
import type { RddNode } from '../rdd/plan.ts';
import type { Batches } from './batches.ts';
import { isCached, type Path, pathsTo } from './lineage-path.ts';
import type { Loop } from './push-loop.ts';
import { rangePart } from './range-rows.ts';
import type { SinkKind } from './sink-text.ts';
import { openSource, type Pull } from './source-batches.ts';
import type { TaskRun } from './task-run.ts';

/** Numbers of a range per call of a loop: enough to forget the call. */
const RANGE_CHUNK = 65_536;

function bind(
  task: TaskRun,
  path: Path,
  head: 'batch' | 'range',
  sink: SinkKind,
  state: unknown,
  last?: RddNode,
): Loop {
  const loop = task.stage.loop(last === undefined ? path.chain : [...path.chain, last], head, sink);
  return loop.bind(task.loop, task.stage.functions, state, path.states);
}

/** The rows of a path's source, counted as they go by. */
export function sourceOf(task: TaskRun, path: Path, pullParent?: Pull): Batches {
  const source = openSource(task, path, pullParent ?? ((node, p, uncached) => pull(task, node, p, uncached)));
  const slot = task.stage.slot(path.source);
  return {
    next() {
      const rows = source.next();
      if (rows !== undefined) task.loop.rows[slot]! += rows.length;
      return rows;
    },
    close: source.close,
  };
}

/** True when the sink wants no more. */
function drive(loop: Loop, source: Batches): boolean {
  try {
    for (let rows = source.next(); rows !== undefined; rows = source.next()) {
      if (loop(rows)) return true;
    }
    return false;
  } finally {
    source.close();
  }
}

function pushPath(task: TaskRun, path: Path, sink: SinkKind, state: unknown, last?: RddNode): boolean {
  const { source } = path;
  if (source.op.kind !== 'range' || isCached(source)) {
    return drive(bind(task, path, 'batch', sink, state, last), sourceOf(task, path));
  }
  const loop = bind(task, path, 'range', sink, state, last);
  const { start, step } = source.op;
  const [from, to] = rangePart(source.op, source, path.partition);
  for (let at = from; at < to; at += RANGE_CHUNK) {
    const length = Math.min(RANGE_CHUNK, to - at);
    task.loop.rows[task.stage.slot(source)]! += length;
    if (loop(start + at * step, step, length)) return true;
  }
  return false;
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
    if (pushPath(task, path, sink, state, last)) return;
  }
}

/** The rows of a partition on demand. `uncached` computes the node although it is to be cached. */
export function pull(task: TaskRun, node: RddNode, partition: number, uncached = false): Batches {
  const paths = pathsTo(task.stage, node, partition, uncached);
  const sink = { rows: [] as unknown[] };
  let index = 0;
  let source: Batches | undefined;
  let loop: Loop | undefined;
  return {
    next() {
      for (;;) {
        if (source === undefined) {
          const path = paths[index++];
          if (path === undefined) return undefined;
          source = sourceOf(task, path);
          loop = path.chain.length > 0 ? bind(task, path, 'batch', { kind: 'collect' }, sink) : undefined;
        }
        const rows = source.next();
        if (rows === undefined) {
          source.close();
          source = undefined;
          continue;
        }
        if (loop === undefined) return rows;
        sink.rows = [];
        loop(rows);
        if (sink.rows.length > 0) return sink.rows;
      }
    },
    close() {
      source?.close();
      source = undefined;
      index = paths.length;
    },
  };
}
