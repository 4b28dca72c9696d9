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
