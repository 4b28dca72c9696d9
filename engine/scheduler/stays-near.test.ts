/** Tasks that read cached rows which would be others if they were computed again and which others cannot read: they run where those are. */
import { describe, expect, it } from 'vitest';
import { DagHarness, forgetAll } from './test-dag-harness.ts';
import { cached, narrow, source } from './test-lineage.ts';
import { runTaskScript } from './test-task-script.ts';

const CASES: Record<string, string> = {
  'they wait for their executor however long it is busy; the others run': `
    executors a b
    submit 0.0 3 stays near a a -
    runs 0/0@a 0/2@b
    ok 0/2@b
    at 5000
    runs 0/0@a
    submit 1.0 1
    runs 0/0@a 1/0@b
    ok 1/0@b
    ok 0/0@a
    runs 0/1@a`,
  'when it is lost they run anywhere': `
    executors a b
    submit 0.0 2 stays near a a
    runs 0/0@a
    lose a
    runs 0/0@b`,
  'when the stage has failed on it too often, too': `
    with exclusion
    executors a b
    submit 0.0 3 stays near a a a
    boom 0/0@a
    runs 0/1@a 0/0@b
    boom 0/1@a
    ok 0/0@b
    runs 0/1@b
    ok 0/1@b
    at 1000
    runs 0/2@b`,
  'they get no second copies': `
    with speculation quantile=0.5
    executors a b
    submit 0.0 4 stays near a b b b
    runs 0/0@a 0/1@b
    ok 0/1@b
    ok 0/2@b
    ok 0/3@b
    at 60000
    runs 0/0@a`,
};

describe('tasks that stay near', () => {
  it.each(Object.entries(CASES))('%s', (_, script) => runTaskScript(script));
});

it.each([
  ['INDETERMINATE', {}, true],
  ['INDETERMINATE', { shared: 0 }, undefined],
  ['DETERMINATE', {}, undefined],
] as const)('a stage that reads cached rows which are %s, cached as %j', (determinism, more, stays) => {
  const h = new DagHarness();
  const nodes = [{ ...cached(source(0, 2)), determinism }, narrow(1, 0, 2)];
  h.submit(nodes, 1, [0, 1]);
  const [first] = h.taskSets;
  expect(first!.staysNear).toBeUndefined();
  const blocks = [{ rddId: 0, partition: 1, bytes: 1, onDisk: false, ...more }];
  h.post({ type: 'blocksCached', executorId: 'e1', epoch: 0, blocks });
  h.succeed(first!);
  h.submit(nodes, 1, [0, 1]);
  const second = h.taskSets[1]!;
  expect(second.preferred).toEqual([undefined, ['e1']]);
  expect(second.staysNear).toBe(stays);
  h.succeed(second);
  forgetAll(h, [0, 1]);
});
