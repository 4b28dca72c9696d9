/** Datasets whose rows are kept, as event scripts: what was computed before goes on, and reads them where it comes again. */
import { describe, it } from 'vitest';
import { runScript } from './test-event-script.ts';

const CASES: Record<string, string> = {
  'a kept map stage whose shuffles are gone makes a lost output again from the kept rows': `
    a: source 2
    b: shuffle a 2
    c: map b
    d: shuffle c 2
    submit d
    complete 0.0
    complete 1.0
    complete 2.0
    checkpoint c
    parents 1 = 0
    forget a b
    parents 1 =
    e: map d
    submit e
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1] 3.0[0,1]
    fetch 3.0[0] misses 1/0
    resubmit
    expect 1.1[0]
    complete 1.1
    expect 3.1[0,1]
    complete 3.1
    job 1 = 0,1`,
  'the same when the kept dataset is still read by a job that runs': `
    a: source 2
    b: shuffle a 2
    c: map b
    d: shuffle c 2
    e: map c
    submit d
    complete 0.0
    complete 1.0
    complete 2.0
    submit e
    checkpoint c
    forget a b
    parents 1 = 0
    f: map d
    submit f
    complete 3.0
    job 1 = 0,1
    fetch 4.0[0] misses 1/0
    resubmit
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1] 3.0[0,1] 4.0[0,1] 1.1[0]
    complete 1.1
    complete 4.1
    job 2 = 0,1
    parents 1 =`,
};

describe('a dataset whose rows are kept', () => {
  it.each(Object.entries(CASES))('%s', (_, script) => runScript(script));
});
