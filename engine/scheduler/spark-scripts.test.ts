/**
 * The cases of Apache Spark's DAGSchedulerSuite (4.x) as event scripts of our own; the language is described in
 * `test-event-script.ts`. Where the two engines differ on purpose the script says so. Left out, with the reason:
 *
 * - push-based shuffle, the external shuffle service, host and worker loss, decommissioning: map outputs are files of the
 *   machine here, which outlive their executor ("executor lost" below);
 * - epochs ("ignore late map task completions", "out-of-band executor failure", "Resubmitted"): they tell outputs of a lost
 *   executor from later ones; ours stay valid;
 * - reduce tasks near their map outputs: one machine; resource profiles; the old fetch protocol; old event logs;
 * - submitMapStage, which users of RDDs cannot call; barrier stages, accumulators, checkpoints and failing preparations
 *   have tests of their own.
 */
import { describe, it } from 'vitest';
import { runScript } from './test-event-script.ts';

const CASES: Record<string, string> = {
  'zero split job': `
    a: source 2
    submit a []
    job 0 =
    cancel 0
    expect nothing`,
  'run trivial job w/ dependency': `
    a: source 1
    b: map a
    submit b
    expect 0.0[0]
    complete 0.0
    job 0 = 0`,
  'cache location preferences; getCacheLocs': `
    a: source 3 cached
    b: map a
    submit a
    cache a[0,1] on e1 by 0.0
    cache a[1,2] on e2 by 0.0
    complete 0.0
    submit b
    prefers 1.0 = e1 e1,e2 e2
    complete 1.0
    job 1 = 0,1,2`,
  'stages with both narrow and shuffle dependencies use narrow ones for locality': `
    a: source 1
    b: source 1 cached
    submit b
    cache b[0] on e2 by 0.0
    complete 0.0
    c: shuffle a 1
    d: narrowjoin c b
    submit d
    complete 1.0
    prefers 2.0 = e2
    complete 2.0
    job 1 = 0`,
  'getMissingParentStages considers all ancestors’ cache status': `
    a: source 1
    b: shuffle a 1
    c: map b cached
    d: map c
    submit d
    complete 0.0
    cache c[0] on e1 by 1.0
    complete 1.0
    expect 0.0[0] 1.0[0]
    submit d
    expect 2.0[0]
    running 2.0
    complete 2.0`,
  'only direct shuffle parents': `
    a: source 2
    b: source 2
    c: shuffle b 1
    d: shuffle c 1
    e: map d
    f: join a e 1
    submit f
    parents 0 =
    parents 1 =
    parents 2 = 1
    parents 3 = 2
    parents 4 = 0,3
    cancel 0`,
  'trivial job failure': `
    a: source 1
    submit a
    fail 0.0[0]
    job 0 = TASK_FAILED
    ended 0.0 failed`,
  'trivial job cancellation': `
    a: source 1
    submit a
    cancel 0
    job 0 = JOB_CANCELLED
    ended 0.0 failed
    killed 0`,
  'task ends after the stage is over are taken by nobody': `
    a: source 2
    submit a
    complete 0.0
    job 0 = 0,1
    complete 0.0[1]
    complete 0.0[0]
    job 0 = 0,1`,
  'run shuffle with map stage failure': `
    a: source 2
    b: shuffle a 2
    submit b
    fail 0.0[1]
    job 0 = TASK_FAILED
    ended 0.0 failed
    expect 0.0[0,1]
    submit b
    expect 0.1[0,1]
    fail 0.1[0]
    job 1 = TASK_FAILED`,
  'failure of a stage used by two jobs': `
    a: source 2
    b: source 2
    c: shuffle a 2
    d: join c b 2
    submit c
    submit d
    expect 0.0[0,1] 3.0[0,1]
    fail 0.0[0]
    job 0 = TASK_FAILED
    job 1 = TASK_FAILED
    ended 0.0 failed
    ended 3.0 failed
    running nothing`,
};

describe('DAGSchedulerSuite: jobs and stages', () => {
  it.each(Object.entries(CASES))('%s', (_, script) => runScript(script));
});
