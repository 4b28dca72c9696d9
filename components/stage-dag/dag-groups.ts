/** Which stages of a picture are equal and stand together: those of a loop, or of a long chain. Pure. */
import type { JobStage } from '../jobs/job-stages.ts';

/** Fewer are shown one by one. */
const LEAST_MEMBERS = 3;
/** Within one job equal stages are drawn together only where there are more stages than this. */
const FEW_STAGES = 24;

const signatures = new WeakMap<object, string>();

/** Same kind of stage, same operators called at the same places: another round of the same statement. */
export function stageSignature({ info }: JobStage['stage']): string {
  const known = signatures.get(info);
  if (known !== undefined) return known;
  const { kind, rdds, name } = info;
  const operators = rdds.map(({ callSite, name: own }) =>
    callSite ? `${callSite.cellId ?? callSite.file}:${callSite.line}:${callSite.column}` : own,
  );
  const signature = `${kind}|${operators.join(' ') || name}`;
  signatures.set(info, signature);
  return signature;
}

/**
 * The groups by key, in the order of their first stages; `open` ones are left apart. What was skipped never stands
 * with what ran, and the few stages of a single job always stand alone.
 */
export function groupStages(
  entries: readonly JobStage[],
  { jobs, open }: { jobs: number; open: ReadonlySet<string> },
): Map<string, JobStage[]> {
  const equal = new Map<string, JobStage[]>();
  for (const entry of entries) {
    const skipped = entry.stage.status === 'skipped' ? 'skipped ' : '';
    const key = skipped + stageSignature(entry.stage);
    const known = equal.get(key);
    if (known) known.push(entry);
    else equal.set(key, [entry]);
  }
  const many = entries.length > FEW_STAGES;
  for (const [key, members] of equal) {
    const grouped =
      members.length >= LEAST_MEMBERS && !open.has(key) && (many || (jobs > 1 && ofSeveralJobs(members)));
    if (!grouped) equal.delete(key);
  }
  return equal;
}

function ofSeveralJobs(members: readonly JobStage[]): boolean {
  const jobs = new Set(members.map(({ stage }) => stage.jobIds[0]));
  return jobs.size === members.length;
}
