/** The time of operators as the views ask for it: by dataset of a stage, with the parts that belong to no dataset. Pure. */
import type { StageView } from '../../engine/fold/state.ts';
import { formatDuration } from '../ui/format.ts';

export interface StageTimes {
  /** Of each dataset of the stage's chain; undefined where nothing is known. */
  byOperator: (number | undefined)[];
  shuffleRead: number | undefined;
  output: number | undefined;
}

const known = (time: number | undefined) => (time === undefined || time < 0 ? undefined : time);

/** Milliseconds of all its tasks together; a skipped stage took none. */
export function stageTimes({ info, status, progress }: StageView): StageTimes {
  const times = status === 'skipped' ? undefined : progress.operatorTimes;
  return {
    byOperator: info.rdds.map((_, index) => known(times?.byRdd[index])),
    shuffleRead: known(times?.shuffleRead),
    output: known(times?.output),
  };
}

/** What the time of the output is called: `shuffle write`, or the action. */
export function outputName({ info }: StageView): string {
  return info.kind === 'shuffleMap' ? 'shuffle write' : (info.callSite?.name ?? 'action');
}

/** `≈1.20 s`: an operator's time is a sample's. */
export function formatSampled(milliseconds: number): string {
  return milliseconds < 1 ? '<1 ms' : `≈${formatDuration(milliseconds)}`;
}

/** `shuffle read ≈20 ms · map ≈1.20 s · shuffle write ≈90 ms`, what took longest first; '' when nothing is known. */
export function operatorTimesText(stage: StageView): string {
  const { byOperator, shuffleRead, output } = stageTimes(stage);
  const byName = new Map<string, number>();
  const add = (name: string, time: number | undefined) => {
    if (time !== undefined) byName.set(name, (byName.get(name) ?? 0) + time);
  };
  add('shuffle read', shuffleRead);
  for (const [index, { callSite, name }] of stage.info.rdds.entries())
    add(callSite?.name ?? name, byOperator[index]);
  add(outputName(stage), output);
  return [...byName]
    .sort(([, a], [, b]) => b - a)
    .map(([name, time]) => `${name} ${formatSampled(time)}`)
    .join(' · ');
}
