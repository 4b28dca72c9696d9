/** What a job comes from, and what of it matters before the job begins: found in one walk. */
import type { RddNode } from '../rdd/plan.ts';
import type { DagState } from './dag-state.ts';
import type { ActiveJob } from './job.ts';
import { isShared } from './shared-blocks.ts';
import { isFullyCached } from './stage-graph.ts';

export interface JobLineage {
  /** Its dataset and all ancestors, across shuffles too, with the owners of range partitioners. */
  rddIds: Set<number>;
  /** Those whose operators tell rows apart by their places. */
  tellingPlaces: RddNode[];
  /** Those whose rows are kept because others would be computed. */
  kept: RddNode[];
  /** Those of which its tasks will read what is not prepared: offsets where rows are made, bounds where map outputs are. */
  unprepared: Set<number>;
}

/** Walks first to all that the job's tasks will read, then to what is cached, or has map outputs, in front of. */
export function lineageOf(state: DagState, job: ActiveJob): JobLineage {
  const lineage: JobLineage = { rddIds: new Set(), tellingPlaces: [], kept: [], unprepared: new Set() };
  const { rddIds, tellingPlaces, kept, unprepared } = lineage;
  const behind: number[] = [];
  const read = [job.submission.rddId];
  const want = (rddId: number): void => {
    if (state.rdds.node(rddId).preparation && !state.prepared.has(rddId)) unprepared.add(rddId);
  };
  for (;;) {
    const isRead = read.length > 0;
    const next = read.pop() ?? behind.pop();
    if (next === undefined) return lineage;
    if (rddIds.has(next)) continue;
    rddIds.add(next);
    const node = state.rdds.node(next);
    if (node.tellsPlaces) tellingPlaces.push(node);
    if (isShared(node)) kept.push(node);
    const isThere = !isRead || (isFullyCached(state, node) && !isOtherThanCached(state, job, node));
    if (!isThere && node.preparation?.finish.kind === 'partitionOffsets') want(next);
    for (const dep of node.dependencies) {
      const isMade = isThere || (dep.kind === 'shuffle' && hasOutputs(state, dep.shuffleId));
      (isMade ? behind : read).push(dep.rddId);
      if (dep.kind !== 'shuffle' || dep.partitioner.kind !== 'range') continue;
      behind.push(dep.partitioner.rddId);
      if (!isMade) want(dep.partitioner.rddId);
    }
  }
}

/** What is of a former life cannot be made again by counts that went with it, should it be lost. */
function hasOutputs({ outputs, former }: DagState, id: number): boolean {
  return outputs.isAvailable(id) && !former.has({ kind: 'outputs', id });
}

/** What is cached now is of a former life, or not what the job goes on with. */
function isOtherThanCached({ former, shared }: DagState, { unpersisted }: ActiveJob, { rddId }: RddNode) {
  const isLeft = unpersisted?.has(rddId) ?? false;
  return isLeft || former.has({ kind: 'cached', id: rddId, generation: shared.current(rddId) });
}
