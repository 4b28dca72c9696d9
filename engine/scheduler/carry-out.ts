/** What each command of the two schedulers does, when it is its turn. */
import type { Clock } from '../clock.ts';
import { errorToData } from '../errors.ts';
import type { EngineEvent } from '../protocol.ts';
import type { StageAccumulation } from '../rdd/accumulation.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type { ClosureId } from '../rdd/plan.ts';
import type { SchedulerBackend } from './backend.ts';
import type { ClosureStore } from './closure-store.ts';
import type { DagCommand, DagEvent, FinishPreparation, TaskCommand, TaskEvent } from './events.ts';
import type { FaultInjector } from './fault-injector.ts';
import { deleteMapOutput, deleteResult, readResults, removeFile } from './result-files.ts';
import { lostTaskEnd } from './running-task.ts';

type Command = DagCommand | TaskCommand;
type Of<Type extends Command['type']> = Extract<Command, { type: Type }>;

/** All that commands lead to. */
export interface CommandEffects {
  backend: SchedulerBackend;
  clock: Clock;
  closures: ClosureStore;
  faults: FaultInjector;
  finishPreparation: FinishPreparation;
  onAccumulated?: (added: StageAccumulation) => void;
  killGraceMs?: number;
  removeFile?: (path: string) => void;
  emit(event: EngineEvent): void;
  dagEvent(event: DagEvent): void;
  taskEvent(event: TaskEvent): void;
  after(ms: number, callback: () => void): void;
  submitPreparation(rddId: number, job: JobSubmission): void;
  forgetClosures(ids: ClosureId[]): void;
  settle(command: Of<'jobSucceeded' | 'jobFailed'>): void;
}

export function carryOut(effects: CommandEffects, command: Command): void {
  const { backend, dagEvent, taskEvent } = effects;
  switch (command.type) {
    case 'emit':
      effects.emit(command.event);
      break;
    case 'dag':
      dagEvent(command.event);
      break;
    case 'submitTaskSet':
      taskEvent({ type: 'taskSetSubmitted', taskSet: effects.faults.spread(command.taskSet) });
      break;
    case 'retireTaskSet':
      taskEvent({ ...command, type: 'taskSetRetired' });
      break;
    case 'cancelTasks':
      taskEvent({ ...command, type: 'tasksCancelled' });
      break;
    case 'taskDone':
      taskEvent(command);
      break;
    case 'startResubmitTimer':
      effects.after(command.ms, () => dagEvent({ type: 'resubmitTimer' }));
      break;
    case 'startLocalityTimer':
      effects.after(command.ms, () => taskEvent({ type: 'localityTimer' }));
      break;
    case 'startTimer':
      effects.after(command.ms, () => taskEvent({ type: 'timer', timer: command.timer }));
      break;
    case 'answerBarrier':
      backend.answerBarrier(command.executorId, command.taskId, command.answer);
      break;
    case 'killExecutor':
      backend.killExecutor(command.executorId, command.reason);
      break;
    case 'submitPreparation':
      effects.submitPreparation(command.rddId, command.job);
      break;
    case 'finishPreparation':
      void finishPreparation(effects, command);
      break;
    case 'jobSucceeded':
    case 'jobFailed':
      effects.settle(command);
      break;
    case 'deleteResult':
      deleteResult(command.result, effects.removeFile ?? removeFile);
      break;
    case 'accumulate':
      effects.onAccumulated?.(command.added);
      break;
    case 'deleteMapOutput':
      deleteMapOutput(command.mapStatus, effects.removeFile ?? removeFile);
      break;
    case 'dropRdd':
      backend.dropRdd(command.rddId);
      break;
    case 'dropBlock':
      backend.dropBlock(command.executorId, command.rddId, command.partition);
      break;
    case 'dropShared':
      backend.dropShared(command.rddId, command.generation);
      break;
    case 'rddForgotten':
      effects.forgetClosures(effects.closures.release(command.closures));
      break;
    case 'launch':
      launch(effects, command);
      break;
    case 'kill':
      backend.killTask(command.executorId, command.taskId, command.reason, effects.killGraceMs ?? 1_000);
      break;
    case 'takeBack': {
      const { executorId } = command;
      const back = backend.takeBack(executorId);
      if (back) taskEvent({ type: 'tasksTakenBack', executorId, ...back });
      break;
    }
    case 'answerCommit':
      backend.answerCommit(command.executorId, command.taskId, command.allowed);
      break;
    case 'makeReplica':
      backend.makeReplica(command.executorId, command);
      break;
    case 'adoptReplica':
      backend.adoptReplica(command.executorId, command.replica);
      break;
    case 'dropReplica':
      backend.dropReplica(command.executorId, command.replica);
      break;
    case 'forgetStage':
      backend.forgetStage(command.stageId, command.attempt);
      break;
    default:
      command satisfies never;
  }
}

/** What cannot even be sent fails its tasks for good. */
function launch(effects: CommandEffects, command: Of<'launch'>): void {
  const { executorId, plan, tasks } = command;
  try {
    effects.backend.launchTasks(executorId, plan, effects.faults.slow(plan.stageId, tasks), (id) =>
      effects.closures.get(id),
    );
  } catch (thrown) {
    const reason = { kind: 'exception' as const, error: errorToData(thrown), fatal: true };
    for (const { taskId } of tasks) {
      const end = lostTaskEnd(taskId, reason, effects.clock.now());
      effects.taskEvent({ type: 'taskEnded', executorId, end });
    }
  }
}

async function finishPreparation(effects: CommandEffects, command: Of<'finishPreparation'>): Promise<void> {
  const { rddId, jobId, preparation, results } = command;
  try {
    const outcome = effects.finishPreparation(preparation, await readResults(results));
    effects.dagEvent({ type: 'preparationFinished', rddId, jobId, outcome });
  } catch (error) {
    effects.dagEvent({ type: 'preparationFailed', rddId, jobId, error: errorToData(error) });
  }
}
