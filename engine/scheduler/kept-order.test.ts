/** Rows that are told apart by their places, as event scripts: what was made in another order before is made again. */
import { describe, it } from 'vitest';
import { runScript } from './test-event-script.ts';

const CASES: Record<string, string> = {
  'all that the rows are computed from keeps its order, and nothing else': `
    a: source 2
    b: shuffle a 2
    c: map b places
    d: shuffle c 2
    submit d
    keeps 0.0 = a
    complete 0.0
    keeps 1.0 = b
    complete 1.0
    keeps 2.0 = none
    complete 2.0
    job 0 = 0,1`,
  'map outputs in another order are written again, those in order are not': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    submit c
    complete 0.0
    complete 1.0[0] disordered
    complete 1.0[1]
    complete 2.0
    job 0 = 0,1
    d: map c places
    submit d
    outputs 1 = 1:e1
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1] 1.1[0]
    keeps 1.1 = b
    complete 1.1
    expect 3.0[0,1]
    complete 3.0
    job 1 = 0,1`,
  'those that are written meanwhile, by a job before, are not taken': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    submit c
    complete 0.0
    expect 0.0[0,1] 1.0[0,1]
    d: map c places
    submit d
    complete 1.0[0] disordered
    complete 1.0[1]
    outputs 1 = 1:e1
    expect 1.1[0]
    complete 1.1
    expect 2.0[0,1] 3.0[0,1]
    complete 2.0
    complete 3.0
    job 0 = 0,1
    job 1 = 0,1`,
  'a job waits for one that reads what is in another order, and so do later ones that would read it': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    submit c
    complete 0.0
    complete 1.0[0] disordered
    complete 1.0[1]
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1]
    d: map c places
    submit d
    submit c
    submit b
    waits 1 = 0 OTHER_ORDER b
    waits 2 = 0 OTHER_ORDER b
    outputs 1 = 0:e1 1:e1
    expect 3.0[0,1]
    complete 3.0
    complete 2.0[0]
    outputs 1 = 0:e1 1:e1
    complete 2.0[1]
    job 0 = 0,1
    outputs 1 = 1:e1
    expect 1.1[0]
    complete 1.1
    expect 4.0[0,1] 5.0[0,1]
    complete 5.0
    complete 4.0
    job 1 = 0,1
    job 2 = 0,1`,
  'one that is cancelled while it waits holds up none': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    submit c
    complete 0.0
    complete 1.0 disordered
    d: map c places
    submit d
    submit c
    cancel 1
    job 1 = JOB_CANCELLED
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1]
    cancel 0
    expect 1.1[0,1]
    complete 1.1
    expect 3.0[0,1]
    complete 3.0
    job 2 = 0,1`,
  'what another job reads in another order is given up by the first that would read it': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    submit c
    complete 0.0
    complete 1.0 disordered
    e: shuffle b 2
    submit e
    complete 3.0 disordered
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1] 3.0[0,1] 4.0[0,1]
    d: map c places
    submit d
    waits 2 = 0 OTHER_ORDER b
    submit e
    waits 3 = 1 OTHER_ORDER b
    complete 2.0
    expect 1.1[0,1]
    complete 1.1
    complete 4.0
    expect 5.0[0,1] 3.1[0,1]
    complete 5.0
    complete 3.1
    complete 6.0
    job 2 = 0,1
    job 3 = 0,1`,
  'what could be in no order is taken, so that its job ends, and written again for the next': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    e: shuffle c 2
    submit e
    complete 0.0
    complete 1.0[0] disordered
    complete 1.0[1]
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1]
    d: map e places
    submit d
    complete 2.0 disordered
    expect 2.1[0,1]
    keeps 2.1 = c
    complete 2.1 disordered
    expect 3.0[0,1]
    complete 3.0
    job 0 = 0,1
    expect 1.1[0]
    complete 1.1
    expect 2.2[0,1]
    complete 2.2
    expect 4.0[0,1]
    complete 4.0
    job 1 = 0,1`,
  'what is counted and sampled beforehand keeps the order, too': `
    a: source 2
    b: shuffle a 2
    c: shuffle b 2
    d: index c
    submit d
    expect 0.0[0,1]
    complete 0.0
    expect 1.0[0,1]
    keeps 1.0 = b
    cancel 0`,
  'what was made before of a dataset that is kept since is made again of that, in one order': `
    a: source 2
    b: shuffle a 2 unordered
    c: shuffle b 2
    submit c
    complete 0.0
    complete 1.0
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1]
    complete 2.0
    checkpoint b
    d: map c places
    submit d
    outputs 1 = none
    expect 1.1[0,1]
    complete 1.1
    expect 3.0[0,1]
    complete 3.0
    job 1 = 0,1`,
  'cached partitions in another order are computed again': `
    a: source 2
    b: shuffle a 2
    c: map b cached
    submit c
    complete 0.0
    complete 1.0
    cache c[0] on e1 by 1.0 disordered
    cache c[1] on e2 by 1.0
    d: map c
    submit d
    complete 2.0
    cached c = 0:e1 1:e2
    e: map c places
    submit e
    cached c = none
    keeps 3.0 = b c
    complete 3.0
    cache c[0] on e1 by 3.0
    cache c[1] on e2 by 2.0 disordered
    cached c = 0:e1
    job 2 = 0,1`,
  'cached partitions whose rows would be others stay': `
    a: source 2 indeterminate
    b: shuffle a 2
    c: map b cached indeterminate
    submit c
    complete 0.0
    complete 1.0
    cache c[0,1] on e1 by 1.0 disordered
    d: map c places
    submit d
    cached c = 0:e1 1:e1
    expect 0.0[0,1] 1.0[0,1] 2.0[0,1]
    complete 2.0
    job 1 = 0,1`,
};

describe('the order of rows', () => {
  it.each(Object.entries(CASES))('%s', (_, script) => runScript(script));
});
