/** The names every notebook cell and job script can use without an import. Reference them as `stagelight/globals`. */
import type { Context } from './context.ts';
import type { BarrierTaskContext as ExecutorBarrierTaskContext } from './executor/barrier-task-context.ts';
import type { TaskContext as ExecutorTaskContext } from './executor/task-context.ts';
import type { Display } from './kernel/display.ts';
import type { Plot } from './kernel/plot/plot.ts';

declare global {
  /** Makes datasets from files and values: `sc.textFile('data/*.txt')`, `sc.parallelize([1, 2, 3])`. */
  const sc: Context;
  /**
   * Shows a value below the cell: rows as a table, an error as an error, anything else as text. The value of a
   * cell's last expression is shown by itself. `display.html`, `display.markdown` and `display.image` show markup.
   */
  const display: Display;
  /**
   * Draws rows below the cell: records, tuples, columns, a Map, a dataset. The second argument is data:
   * `plot(rows, { mark: 'dot', x: 'weight', y: 'height', color: 'species' })`; what it leaves open is chosen by the types of
   * the columns. Channels are names of columns, `{ bin: 'delay' }`, or reducers such as `'count'` and `{ mean: 'delay' }`;
   * what must be computed is computed in the rows first. `const p = plot(rows)` can be updated in place: `p.update(more)`.
   * The form beside a plot writes these options.
   */
  const plot: Plot;
  /** What follows `--` on the command line of a headless run; empty in a notebook. */
  const args: string[];
  /** Resolves after `ms` milliseconds; an interrupt ends it at once. */
  function sleep(ms: number): Promise<void>;
  /** `TaskContext.get()` inside a function of an operator: the running task, its partition, stage, attempt and listeners. */
  const TaskContext: typeof ExecutorTaskContext;
  /** `BarrierTaskContext.get()` inside a function of `rdd.barrier().mapPartitions`: lets the tasks of the stage meet. */
  const BarrierTaskContext: typeof ExecutorBarrierTaskContext;
}
