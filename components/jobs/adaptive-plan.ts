/** What adaptive execution made of a stage or of a task, in words. Pure. */
import { ADAPTIVE_WORDS } from '../../engine/fold/scheduling-words.ts';
import type { StageView } from '../../engine/fold/state.ts';
import { formatCount } from '../ui/format.ts';

/** Empty where every partition ran as it was planned. */
export function adaptiveWords(stage: StageView): string {
  return (stage.adaptive ?? []).map(({ kind }) => ADAPTIVE_WORDS[kind]).join(', ');
}

/** "Partition 4", or "25 partitions from 0" of a task that computes several. */
export function taskPartitions({
  partition,
  numPartitions = 1,
}: {
  partition: number;
  numPartitions?: number;
}) {
  return numPartitions > 1
    ? `${formatCount(numPartitions)} partitions from ${partition}`
    : `Partition ${partition}`;
}
