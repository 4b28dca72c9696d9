/**
 * Of Spark's DAGSchedulerSuite what tells of recomputed outputs with other rows; see `spark-scripts.test.ts`. `rows` is what
 * a checksum sees.
 */
import { describe, it } from 'vitest';
import { runScript, SHUFFLED, TWICE } from './test-event-script.ts';

const CASES: Record<string, string> = {
  'SPARK-51272: an indeterminate stage without partial results is rolled back': `
    a: source 2
    b: source 2 indeterminate
    c: join a b 2
    submit c
    complete 0.0
    complete 1.0
    fetch 2.0[0] misses 1/0
    resubmit
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1] 1.1[0]
    complete 1.1 rows 7
    expect 2.1[0,1]
    complete 2.1
    job 0 = 0,1`,
  'SPARK-51272, SPARK-23207, SPARK-53575: with partial results the job fails': `${SHUFFLED}
    complete 1.0[0]
    fetch 1.0[1] misses 0/0
    resubmit
    complete 0.1 rows 7
    job 0 = INDETERMINATE_RECOMPUTED
    running nothing`,
  'same rows again: partial results stay': `${SHUFFLED}
    complete 1.0[0]
    fetch 1.0[1] misses 0/0
    resubmit
    expect 0.1[0]
    complete 0.1
    expect 1.1[1]
    complete 1.1
    job 0 = 0,1`,
  'SPARK-25341, SPARK-53575: all succeeding stages run again in full': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    submit c
    complete 0.0
    fetch 1.0[0] misses 0/0
    complete 1.0[1]
    outputs 1 = 1:e1
    resubmit
    expect 0.0[0,1] 1.0[0,1] 0.1[0]
    complete 0.1 rows 7
    outputs 1 = none
    expect 1.1[0,1]
    complete 1.1
    expect 2.0[0,1]
    complete 2.0
    job 0 = 0,1`,
  'SPARK-25341, SPARK-53575: continuous roll back': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    d: shuffle c 2
    submit d
    complete 0.0
    complete 1.0
    fetch 2.0[0] misses 1/0
    complete 2.0[1]
    resubmit
    fetch 1.1[0] misses 0/0
    resubmit
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1] 1.1[0] 0.1[0]
    complete 0.1 rows 7
    outputs 1 = none
    outputs 2 = none
    expect 1.2[0,1]
    complete 1.2 rows 8
    expect 2.1[0,1]
    complete 2.1 rows 9
    complete 3.0
    job 0 = 0,1`,
  'SPARK-45182: ends of attempts before the roll back are ignored': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    submit c
    complete 0.0
    fetch 1.0[0] misses 0/0
    resubmit
    complete 0.1 rows 7
    expect 0.0[0,1] 1.0[0,1] 0.1[0] 1.1[0,1]
    complete 1.1[0] on e2
    complete 1.0[1] on e3
    outputs 1 = 0:e2
    done nothing
    complete 1.1[1] on e4
    outputs 1 = 0:e2 1:e4
    complete 2.0
    job 0 = 0,1`,
  'SPARK-54556: a retry under way when other rows turn up is ignored, and started over': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    d: shuffle c 2
    e: narrowjoin b d
    submit e
    complete 0.0
    complete 1.0
    complete 2.0
    fetch 3.0[0] misses 0/0
    fetch 3.0[1] misses 2/0
    resubmit
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1] 3.0[0,1] 0.1[0] 2.1[0]
    complete 0.1 rows 7
    complete 2.1
    outputs 2 = none
    expect 1.1[0,1]
    complete 1.1 rows 8
    expect 2.2[0,1]
    complete 2.2 rows 9
    complete 3.1
    job 0 = 0,1`,
  'SPARK-54556: a result of rows that are gone, after the roll back, is not taken': `${SHUFFLED}
    fetch 1.0[0] misses 0/0
    resubmit
    complete 0.1 rows 7
    complete 1.0[1]
    job 0 = runs
    expect 0.1[0] 1.1[0,1]
    complete 1.1
    job 0 = 0,1`,
  'SPARK-54956: one roll back, however many outputs come back with other rows': `
    a: source 3
    b: shuffle a 2
    c: shuffle b 2
    submit c
    complete 0.0
    fetch 1.0[0] misses 0/0
    fetch 1.0[1] misses 0/1
    resubmit
    expect 0.0[0,1,2] 1.0[0,1] 0.1[0,1]
    complete 0.1[0] rows 7
    expect nothing
    complete 0.1[1] rows 8
    expect 1.1[0,1]
    complete 1.1
    complete 2.0
    job 0 = 0,1`,
  'SPARK-55064: outputs that an ended job left are not mixed with other rows': `${TWICE}
    complete 2.0
    d: map b
    submit d
    expect 3.0[0,1]
    fetch 3.0[0] misses 0/0
    resubmit
    complete 0.1 rows 7
    outputs 1 = none
    complete 3.1
    job 1 = 0,1
    submit c
    expect 0.1[0] 3.1[0,1] 1.1[0,1]
    complete 1.1
    complete 4.0
    job 2 = 0,1`,
  'what tasks of a job that was cancelled before the roll-back cache after it is forgotten': `
    a: source 2
    b: shuffle a 2
    c: map b cached
    d: map b
    submit c
    complete 0.0
    cancel 0
    submit d
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1]
    fetch 2.0[0] misses 0/0
    resubmit
    cache c[1] on e2 by 1.0
    cached c = 1:e2
    complete 0.1 rows 7
    cached c = none
    cache c[0] on e1 by 1.0
    cached c = none
    complete 2.1
    submit c
    expect 0.1[0] 2.1[0,1] 3.0[0,1]
    cache c[0] on e2 by 3.0
    cache c[1] on e1 by 1.0
    cached c = 0:e2
    cache c[1] on e2 by 3.0
    cached c = 0:e2 1:e2
    complete 3.0
    job 2 = 0,1`,
  'SPARK-55064: running stages of other jobs are cancelled and started over': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    d: map b
    submit c
    complete 0.0
    submit d
    expect 0.0[0,1] 1.0[0,1] 3.0[0,1]
    fetch 3.0[0] misses 0/0
    resubmit
    complete 0.1 rows 7
    killed 1 3
    expect 0.1[0] 1.1[0,1] 3.1[0,1]
    complete 1.1
    complete 2.0
    complete 3.1
    job 0 = 0,1
    job 1 = 0,1`,
};

describe('DAGSchedulerSuite: rows that change', () => {
  it.each(Object.entries(CASES))('%s', (_, script) => runScript(script));
});
