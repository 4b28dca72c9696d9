/** Of Spark's DAGSchedulerSuite what tells of lost map outputs; see `spark-scripts.test.ts`. */
import { describe, it } from 'vitest';
import { runScript, SHUFFLED, TWICE } from './test-event-script.ts';

const CASES: Record<string, string> = {
  'run trivial shuffle with fetch failure: only what is missing runs again': `${SHUFFLED}
    complete 1.0[0]
    fetch 1.0[1] misses 0/0
    outputs 0 = 1:e1
    resubmit
    expect 0.1[0]
    complete 0.1 on e2
    outputs 0 = 0:e2 1:e1
    expect 1.1[1]
    complete 1.1
    job 0 = 0,1`,
  'shuffle files are not lost when their executor is': `${SHUFFLED}
    lose e1
    outputs 0 = 0:e1 1:e1
    expect nothing
    complete 1.0
    job 0 = 0,1`,
  'all shuffle files of an executor go on the second fetch failure in a row, not on the first': `
    a: source 3
    b: shuffle a 1
    submit b
    complete 0.0[0,1] on e1
    complete 0.0[2] on e2
    fetch 1.0[0] misses 0/0 of e1
    outputs 0 = 1:e1 2:e2
    resubmit
    complete 0.1 on e1
    fetch 1.1[0] misses 0/0 of e1
    outputs 0 = 2:e2
    fetch 1.1[0] misses 0/1 of e1
    outputs 0 = 2:e2
    resubmit
    expect 0.0[0,1,2] 1.0[0] 0.1[0] 1.1[0] 0.2[0,1]
    cancel 0`,
  'single stage fetch failure does not abort the stage, however many tasks see it': `
    a: source 8
    b: shuffle a 8
    submit b
    complete 0.0
    fetch 1.0[0] misses 0/0
    fetch 1.0[1] misses 0/0
    fetch 1.0[2] misses 0/1
    fetch 1.0[3] misses 0/2
    fetch 1.0[4] misses 0/3
    fetch 1.0[5] misses 0/4
    ended 1.0 failed
    resubmit
    complete 0.1
    complete 1.1
    expect 0.0[0,1,2,3,4,5,6,7] 1.0[0,1,2,3,4,5,6,7] 0.1[0,1,2,3,4] 1.1[0,1,2,3,4,5,6,7]
    job 0 = 0,1,2,3,4,5,6,7`,
  'multiple consecutive stage fetch failures abort the job': `${SHUFFLED}
    fetch 1.0[0] misses 0/0
    resubmit
    complete 0.1
    fetch 1.1[0] misses 0/0
    resubmit
    complete 0.2
    fetch 1.2[0] misses 0/0
    resubmit
    complete 0.3
    job 0 = runs
    fetch 1.3[0] misses 0/0
    job 0 = FETCH_FAILED
    running nothing`,
  'SPARK-17644: after a stage was aborted for fetch failures later jobs behave': `${SHUFFLED}
    fetch 1.0[0] misses 0/0
    resubmit
    complete 0.1
    fetch 1.1[0] misses 0/0
    resubmit
    complete 0.2
    fetch 1.2[0] misses 0/0
    resubmit
    complete 0.3
    fetch 1.3[0] misses 0/0
    job 0 = FETCH_FAILED
    expect 0.1[0] 1.1[0,1] 0.2[0,1] 1.2[0,1] 0.3[0,1] 1.3[0,1]
    submit b
    expect 0.4[0,1]
    complete 0.4
    fetch 2.0[0] misses 0/1
    resubmit
    complete 0.5
    complete 2.1
    job 1 = 0,1`,
  'failures in different stages do not abort together': `${TWICE}
    fetch 2.0[0] misses 1/0
    resubmit
    complete 1.1
    fetch 2.1[0] misses 1/0
    resubmit
    fetch 1.2[0] misses 0/0
    resubmit
    complete 0.1
    fetch 1.3[0] misses 0/0
    resubmit
    complete 0.2
    complete 1.4
    complete 2.2
    job 0 = 0,1`,
  'non-consecutive stage failures do not abort': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 1
    submit c
    complete 0.0
    fetch 1.0[0] misses 0/0
    resubmit
    complete 0.1
    fetch 1.1[0] misses 0/0
    resubmit
    complete 0.2
    fetch 1.2[0] misses 0/0
    resubmit
    complete 0.3
    complete 1.3
    fetch 2.0[0] misses 1/0
    resubmit
    fetch 1.4[0] misses 0/0
    job 0 = runs
    resubmit
    complete 0.4
    complete 1.5
    complete 2.1
    job 0 = 0`,
  'trivial shuffle with multiple fetch failures: the stage fails once': `${SHUFFLED}
    fetch 1.0[0] misses 0/0
    fetch 1.0[1] misses 0/1
    ended 1.0 failed
    resubmit
    expect 0.1[0,1]
    cancel 0`,
  'late fetch failures do not start a second attempt of a map stage that runs': `${SHUFFLED}
    fetch 1.0[0] misses 0/0
    resubmit
    expect 0.1[0]
    fetch 1.0[1] misses 0/1
    resubmit
    expect nothing
    running 0.1
    complete 0.1
    expect 0.2[1]
    complete 0.2
    expect 1.1[0,1]
    complete 1.1
    job 0 = 0,1`,
  'extremely late fetch failures are ignored': `${SHUFFLED}
    fetch 1.0[0] misses 0/0
    resubmit
    complete 0.1
    expect 0.1[0] 1.1[0,1]
    fetch 1.0[1] misses 0/1
    resubmit
    expect nothing
    outputs 0 = 0:e1 1:e1
    complete 1.1
    job 0 = 0,1`,
  'shuffle fetch failure in a reused shuffle dependency': `${SHUFFLED}
    complete 1.0
    c: map b
    submit c
    expect 2.0[0,1]
    fetch 2.0[0] misses 0/0
    resubmit
    expect 0.1[0]
    complete 0.1
    complete 2.1
    job 1 = 0,1`,
  'SPARK-5259: no stage before its parents’ outputs are registered, whichever attempts they came from': `
    a: source 3
    b: shuffle a 3
    c: shuffle b 1
    submit c
    complete 0.0
    fetch 1.0[0] misses 0/2
    resubmit
    expect 0.0[0,1,2] 1.0[0,1,2] 0.1[2]
    complete 0.1
    expect 1.1[0,1,2]
    complete 1.1[0,1]
    expect nothing
    complete 1.0[2]
    expect 2.0[0]
    outputs 1 = 0:e1 1:e1 2:e1
    complete 2.0
    job 0 = 0`,
  'SPARK-6880: a stage of two jobs goes on for the second when the first is cancelled': `
    a: source 1
    b: shuffle a 1
    c: shuffle b 1
    d: map c
    submit c
    submit d
    owner 0.0 = 0
    cancel 0
    complete 0.0
    owner 1.0 = 1
    fetch 1.0[0] misses 0/0
    resubmit
    owner 0.1 = 1
    complete 0.1
    owner 1.1 = 1
    complete 1.1
    complete 3.0
    job 0 = JOB_CANCELLED
    job 1 = 0`,
  'recursive shuffle failures': `${TWICE}
    fetch 2.0[0] misses 1/0
    resubmit
    expect 1.1[0]
    fetch 1.1[0] misses 0/1
    resubmit
    expect 0.1[1]
    complete 0.1
    expect 1.2[0]
    complete 1.2
    expect 2.1[0,1]
    complete 2.1
    job 0 = 0,1`,
  'cached post-shuffle: what is cached is not computed again to get at a lost output': `
    a: source 2
    b: shuffle a 2
    c: map b cached
    d: shuffle c 1
    submit d
    complete 0.0
    cache c[0] on e3 by 1.0
    cache c[1] on e4 by 1.0
    complete 1.0
    fetch 2.0[0] misses 1/0
    resubmit
    expect 0.0[0,1] 1.0[0,1] 2.0[0] 1.1[0]
    prefers 1.1 = e3
    complete 1.1
    complete 2.1
    job 0 = 0`,
  'SPARK-30388: an older attempt may still give the last result while its input is made again': `${SHUFFLED}
    complete 1.0[0]
    fetch 1.0[1] misses 0/0
    resubmit
    running 0.1
    complete 1.0[1]
    job 0 = 0,1
    ended 1.0 failed
    killed 0 1
    running nothing`,
  'an older attempt’s last result before the resubmission ends the job, and the stage once': `${SHUFFLED}
    complete 1.0[0]
    fetch 1.0[1] misses 0/0
    complete 1.0[1]
    job 0 = 0,1
    ended 1.0 failed
    resubmit
    expect nothing`,
  'SPARK-50648: a job cancelled during a shuffle retry kills the tasks of all its stages': `${SHUFFLED}
    fetch 1.0[0] misses 0/0
    resubmit
    running 0.1
    cancel 0
    killed 0 1
    running nothing
    complete 1.0[1]
    job 0 = JOB_CANCELLED`,
  'SPARK-19263: one active task set per stage, whatever comes late': `${TWICE.replace(
    'complete 1.0',
    '',
  ).replace(' 2.0[0,1]', '')}
    fetch 1.0[0] misses 0/0
    resubmit
    expect 0.1[0]
    complete 0.1
    expect 1.1[0,1]
    complete 1.0[1]
    done 1[1]
    expect nothing
    complete 1.1[0]
    expect 2.0[0,1]
    complete 1.1[1]
    expect nothing
    complete 2.0
    job 0 = 0,1`,
  'completions in zombie task sets spare the newer attempt the work': `${SHUFFLED}
    fetch 1.0[0] misses 0/0
    resubmit
    complete 0.1
    expect 0.1[0] 1.1[0,1]
    complete 1.0[1]
    done 1[1]
    complete 1.1[0]
    job 0 = 0,1`,
  'a fetch failure of a job that was cancelled, of a shuffle that was forgotten: nothing': `${SHUFFLED}
    cancel 0
    fetch 1.0[0] misses 0/0
    resubmit
    expect nothing`,
  'two jobs over one shuffle see the same loss: one recomputation': `${SHUFFLED}
    c: map b
    submit c
    expect 2.0[0,1]
    fetch 1.0[0] misses 0/0
    fetch 2.0[0] misses 0/0
    resubmit
    expect 0.1[0]
    complete 0.1
    expect 1.1[0,1] 2.1[0,1]
    complete 1.1
    complete 2.1
    job 0 = 0,1
    job 1 = 0,1`,
  'two jobs over one shuffle see different losses: none is forgotten': `${SHUFFLED}
    c: map b
    submit c
    fetch 1.0[0] misses 0/0
    resubmit
    expect 2.0[0,1] 0.1[0]
    fetch 2.0[0] misses 0/1
    complete 0.1
    resubmit
    expect 0.2[1]
    complete 0.2
    complete 1.1
    complete 2.1
    job 0 = 0,1
    job 1 = 0,1`,
};

// Spark counts these, too.
const OURS: Record<string, string> = {
  'outputs that another stage has had made again count against no stage': `
    a: source 1
    b: shuffle a 1
    submit b
    complete 0.0
    submit b
    expect 0.0[0] 1.0[0] 2.0[0]
    fetch 1.0[0] misses 0/0
    fetch 2.0[0] misses 0/0
    resubmit
    complete 0.1
    fetch 1.1[0] misses 0/0
    fetch 2.1[0] misses 0/0
    resubmit
    complete 0.2
    fetch 1.2[0] misses 0/0
    fetch 2.2[0] misses 0/0
    resubmit
    complete 0.3
    complete 1.3
    fetch 2.3[0] misses 0/0
    job 1 = runs
    resubmit
    complete 0.4
    complete 2.4
    job 0 = 0
    job 1 = 0`,
};

describe('Fetch failures of stages that read one shuffle', () => {
  it.each(Object.entries(OURS))('%s', (_, script) => runScript(script));
});

describe('DAGSchedulerSuite: fetch failures', () => {
  it.each(Object.entries(CASES))('%s', (_, script) => runScript(script));
});
