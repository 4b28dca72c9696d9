/** What shows the bars of a timeline is given about them, and what it says of them: the drawing and the table alike. */
import type { TimelineAnswer } from '../../engine/viewer-protocol.ts';
import type { OpenFaultMenu } from '../faults/fault-context.tsx';
import type { TimelineLane, TimelineSlice } from './time-scale.ts';

export interface TimelineBars {
  answer: TimelineAnswer;
  lit: ReadonlySet<string>;
  chosenTask: number | undefined;
  onChoose: (slice: TimelineSlice) => void;
  onPoint: (stageKeys: readonly string[]) => void;
  /** Why a bar is not the first of its partition. */
  againOf: (slice: TimelineSlice) => string | undefined;
  /** Why the executor of a lane gets no tasks. */
  excludedOf: (lane: Pick<TimelineLane, 'key' | 'label'>) => string | undefined;
  /** Opens the menu of faults; absent where there is none. */
  onMenu: OpenFaultMenu | undefined;
}
