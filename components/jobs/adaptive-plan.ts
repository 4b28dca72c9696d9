/** What adaptive execution made of a stage or of a task, in words. Pure. */
import type { StageView } from '../../engine/fold/state.ts';
import type { AdaptivePlan } from '../../engine/protocol.ts';
import { formatCount } from '../ui/format.ts';

export const ADAPTIVE_WORDS: Record<AdaptivePlan['kind'], string> = {
  coalesce: 'coalesced',
  skew: 'split',
};

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
