/** What sending costs control: the events of 5,000 tasks a second, written to a log, with and without a host to send to. */
import { systemClock } from '../../engine/clock.ts';
import { zeroMetrics } from '../../engine/fold/progress.ts';
import { EventStream } from '../../engine/kernel/event-stream.ts';

const SECONDS = 20;
const TASKS_PER_FLUSH = 250;
const FLUSHES = (SECONDS * 5_000) / TASKS_PER_FLUSH;

function milliseconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / SECONDS;
}

function feed(stream: EventStream): void {
  let taskId = 0;
  for (let flush = 0; flush < FLUSHES; flush++) {
    for (let index = 0; index < TASKS_PER_FLUSH; index++) {
      const launchTime = 1_800_000_000_000 + taskId;
      const executorId = String(index % 2);
      const info = { stageId: flush, stageAttempt: 0, index, partition: index, attempt: 0, executorId };
      const task = { taskId: taskId++, ...info, launchTime };
      const metrics = { ...zeroMetrics(), executorRunTime: 0.31, executorCpuTime: 0.29, resultSize: 17 };
      stream.emit({ type: 'taskStart', task });
      stream.emit({
        type: 'taskEnd',
        task,
        finishTime: launchTime + 1,
        status: 'success',
        reason: { kind: 'success' },
        metrics,
        rowsByRdd: [1, 1],
      });
    }
    stream.flush();
  }
}

const log = { append: () => {} };
const nobody = () => feed(new EventStream('boot', systemClock, () => {}, log));
const host = () => feed(new EventStream('boot', systemClock, (batch) => process.send!(batch), log));
nobody();
const without = milliseconds(nobody);
const withHost = milliseconds(host);
process.send!({ type: 'figures', without, withHost }, () => process.exit(0));
