/** The seven phases by name and colour token, in the order of TASK_PHASES. */
import type { TASK_PHASES } from '../../engine/protocol.ts';

export interface PhaseLook {
  key: (typeof TASK_PHASES)[number];
  label: string;
  token: string;
}

export const PHASES: readonly PhaseLook[] = [
  { key: 'schedulerDelay', label: 'Scheduler Delay', token: '--phase-1' },
  { key: 'executorDeserializeTime', label: 'Task Deserialization Time', token: '--phase-2' },
  { key: 'shuffleReadTime', label: 'Shuffle Read Time', token: '--phase-3' },
  { key: 'executorComputingTime', label: 'Executor Computing Time', token: '--phase-4' },
  { key: 'shuffleWriteTime', label: 'Shuffle Write Time', token: '--phase-5' },
  { key: 'resultSerializationTime', label: 'Result Serialization Time', token: '--phase-6' },
  { key: 'gettingResultTime', label: 'Getting Result Time', token: '--phase-7' },
];
