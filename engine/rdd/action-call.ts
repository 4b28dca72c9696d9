/** One call of an action: where it was written, the cell it belongs to, and the jobs it submits. */
import { rmSync, unlinkSync } from 'node:fs';
import type { CapturedClosure } from '../closure/closure.ts';
import { StagelightError } from '../errors.ts';
import { decodeRows, decodeRowsIn } from '../storage/row-codec.ts';
import { writeCheckpoints } from './checkpoint.ts';
import { DriverRoom } from './driver-room.ts';
import { currentScope, type JobScope } from './job-scope.ts';
import type { Call, FunctionArgument, Lineage } from './lineage.ts';
import type { LineageNode } from './lineage-node.ts';
import type { ActionSpec } from './operator.ts';
import type { ClosureId, TaskResult } from './plan.ts';
import { readResultFile } from './result-file.ts';

export interface RunningJob {
  /** The rows each task returned, in the order of the partitions asked for. */
  rows: Promise<unknown[][]>;
  /** The same of the tasks that have ended by now; nothing once the job has ended. */
  rowsSoFar(): Promise<(unknown[] | undefined)[]>;
  cancel(reason: string): void;
}

export class ActionCall {
  readonly #lineage: Lineage;
  readonly #call: Call;
  readonly #scope: JobScope;
  /** It writes a checkpoint after an action; none is written after it. */
  readonly #follows: boolean;
  readonly #closures: CapturedClosure[] = [];

  /** Made first thing in an action, before any await: the stack and the scope are those of the caller. */
  constructor(lineage: Lineage, name: string, follows?: { call: Call; scope: JobScope }) {
    this.#lineage = lineage;
    this.#follows = follows !== undefined;
    this.#call = follows?.call ?? lineage.currentCall(name);
    this.#scope = follows?.scope ?? { ...lineage.outermostScope, ...currentScope() };
  }

  get name(): string {
    return this.#call.name;
  }

  /** Where it was written. */
  get callSite(): Call['callSite'] {
    return this.#call.callSite;
  }

  /** A function captured so far asks for the task it runs in. */
  get readsTask(): boolean {
    return this.#closures.some((closure) => closure.readsTask);
  }

  /** Captures a function the action's tasks call. */
  capture(fn: FunctionArgument): ClosureId {
    const { id, closure } = this.#lineage.capture(fn, this.#call);
    if (closure) this.#closures.push(closure);
    return id;
  }

  /** Submits a job over some partitions (all when not said). What the plan needs and the scheduler lacks goes with it. */
  submit(rdd: LineageNode, action: ActionSpec, partitions?: number[]): RunningJob {
    const { signal, ...scope } = this.#scope;
    if (signal?.aborted) throw cancelled(this.name, String(signal.reason));
    const all = rdd.getNumPartitions();
    const { nodes, closures } = this.#lineage.takeUnsubmitted(rdd);
    for (const { id, bytes } of this.#closures)
      if (!closures.some((known) => known.id === id)) closures.push({ id, bytes });
    const release = this.#lineage.hold([rdd, ...this.#closures.flatMap((closure) => closure.held)]);
    const { runner, activeJobs, shared } = this.#lineage;
    const job = runner.submitJob({
      nodes,
      closures,
      rddId: rdd.id,
      partitions: partitions ?? Array.from({ length: all }, (_, partition) => partition),
      action,
      name: this.#call.name,
      callSite: this.#call.callSite,
      ...scope,
    });
    /** Of the checkpoint that may be written afterwards. */
    const following = new AbortController();
    const cancel = (reason: string) => {
      following.abort(reason);
      runner.cancelJob(job.jobId, reason);
    };
    const { groupId, tags = [] } = scope;
    activeJobs.started({ jobId: job.jobId, name: this.name, groupId, tags, cancel });
    const abort = () => cancel(String(signal?.reason));
    signal?.addEventListener('abort', abort);
    const settle = () => {
      activeJobs.ended(job.jobId);
      signal?.removeEventListener('abort', abort);
      release();
    };
    const rows = job.results.then(
      (results) => {
        const failure = shared.takeFailure(job.jobId);
        try {
          if (failure) throw failure;
          const room = new DriverRoom(this.#call);
          return results.map((result) => rowsOfPieces(action, result, room));
        } catch (refused) {
          for (const result of results.flatMap((one) => [one, ...(one.more ?? [])]))
            if ('file' in result) rmSync(result.file, { force: true });
          throw refused;
        }
      },
      (error) => {
        throw shared.takeFailure(job.jobId) ?? error;
      },
    );
    const rowsSoFar = async () =>
      (await runner.resultsSoFar(job.jobId)).map((result) => result && rowsSoFarOf(action, result));
    const follow = (call: Call) => {
      const either = signal ? AbortSignal.any([signal, following.signal]) : following.signal;
      return new ActionCall(this.#lineage, call.name, { call, scope: { ...this.#scope, signal: either } });
    };
    const settled = rows.finally(settle);
    if (this.#follows) return { rows: settled, rowsSoFar, cancel };
    const written = settled.then(async (all) => {
      await writeCheckpoints(rdd, follow);
      return all;
    });
    return { rows: written, rowsSoFar, cancel };
  }

  /** Submits a job and waits for it. */
  run(rdd: LineageNode, action: ActionSpec, partitions?: number[]): Promise<unknown[][]> {
    return this.submit(rdd, action, partitions).rows;
  }
}

function cancelled(name: string, reason: string): StagelightError {
  return new StagelightError('JOB_CANCELLED', `${name} was cancelled: ${reason}`);
}

function resultBytes(result: TaskResult): Uint8Array {
  return 'bytes' in result ? result.bytes : readResultFile(result);
}

/** The rows of a partition, also of one that was computed in pieces: then a count is the sum of theirs. */
function joinPieces(action: ActionSpec, [first = [], ...more]: unknown[][]): unknown[] {
  if (more.length === 0) return first;
  const rows = [first, ...more].flat();
  return action.kind === 'count' ? [rows.reduce((sum: number, count) => sum + (count as number), 0)] : rows;
}

function rowsOfPieces(action: ActionSpec, result: TaskResult, room: DriverRoom): unknown[] {
  return joinPieces(
    action,
    [result, ...(result.more ?? [])].map((piece) => resultRows(piece, room)),
  );
}

function rowsSoFarOf(action: ActionSpec, result: TaskResult): unknown[] {
  const pieces = [result, ...(result.more ?? [])];
  return joinPieces(
    action,
    pieces.map((piece) => decodeRows(resultBytes(piece))),
  );
}

/** The file goes at once: where its bytes are in memory, those of all results need not be on disk. */
function resultRows(result: TaskResult, room: DriverRoom): unknown[] {
  const bytes = resultBytes(result);
  if ('file' in result) unlinkSync(result.file);
  return decodeRowsIn(bytes, room);
}
