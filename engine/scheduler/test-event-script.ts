/**
 * Scheduler cases as scripts of a few lines: a lineage, then what happens to the DAG scheduler and what it must ask for.
 *
 *     a: source 2                      an RDD of 2 partitions; each shuffle gets the next id from 0
 *     b: shuffle a 2                   also: map a · index a · union a c · join a c 2 · narrowjoin a c (reads both by narrow dependencies)
 *     c: map b cached                  `unordered` or `indeterminate`; `places`: it tells rows apart by their places
 *
 *     submit c [0,1]                   jobs are numbered from 0; all partitions unless some are named
 *     expect 0.0[0,1] 1.0[0]           task sets submitted since the last look: stage.attempt[indices]; or `nothing`
 *     complete 0.0[1] on e2 rows 7     tasks end well: all of the set unless some are named; `rows` changes the row checksum;
 *                                      `disordered`: the order of the rows depended on memory
 *     fetch 1.0[0] misses 0/1 of e2    task 0 could not read output 1 of shuffle 0, which e2 wrote
 *     fail 0.0[1]                      the task has failed too often
 *     resubmit · cancel 0 · lose e1    the timer · the user · an executor
 *     cache c[0,1] on e1 by 1.0        what tasks of that attempt cached; also `disordered`
 *     keeps 1.0 = b c                  of which RDDs the attempt is to keep the order
 *     cached c = 0:e1,e2 1:e1          who holds which partitions; or `none`
 *     checkpoint c · forget a b        its rows are kept: it reads its parents no more · nobody can reach them
 *     outputs 0 = 0:e1 1:e2            map outputs of shuffle 0 that are known
 *     job 0 = 0,1                      its results (each task's is its index); or `runs`, or an error code
 *     waits 1 = 0 OTHER_ORDER b        viewers were last told of it that it waits for these jobs, and why
 *     ended 1.0 failed                 how the attempt ended, told once
 *     owner 1.0 = 0 · prefers 0.0 = e1,e2 e3 · parents 2 = 0,1 · running 0.1 · killed 0 1 · done 1[0]
 *
 * After the last line all RDDs are forgotten and nothing may be left.
 */
import { expect } from 'vitest';
import type { RddNode } from '../rdd/plan.ts';
import type { TaskSet } from './events.ts';
import { DagHarness, forgetAll } from './test-dag-harness.ts';
import { cached, join, narrow, shuffled, source, union, zipWithIndex } from './test-lineage.ts';
import { forEachStep } from './test-script-steps.ts';

/** How a script may begin: two map outputs, two reducers; the map stage has run. */
export const SHUFFLED = `
  a: source 2
  b: shuffle a 2
  submit b
  expect 0.0[0,1]
  complete 0.0
  expect 1.0[0,1]`;

/** Or so: two shuffles in a row; both map stages have run. */
export const TWICE = `
  a: source 2
  b: shuffle a 2
  c: shuffle b 2
  submit c
  complete 0.0
  complete 1.0
  expect 0.0[0,1] 1.0[0,1] 2.0[0,1]`;

const FLAGS = ['cached', 'indeterminate', 'unordered', 'places'];

type Words = Record<string, string | undefined>;

const numbers = (text: string | undefined): number[] => (text ? text.split(',').map(Number) : []);

class Script {
  readonly harness = new DagHarness();
  readonly #nodes: RddNode[] = [];
  readonly #ids = new Map<string, number>();
  readonly #sets = new Map<string, TaskSet>();
  #fresh: string[] = [];
  #sent = 0;
  #shuffles = 0;
  /** Of everything asked for since the last line that looked. */
  #killed: number[] = [];
  #done: string[] = [];

  run(text: string): void {
    forEachStep(text, (step) => this.#step(step));
    forgetAll(this.harness, [...this.#ids.values()]);
  }

  #step(step: string): void {
    const declared = /^(\w+): (\w+) (.*)$/.exec(step);
    if (declared) this.#declare(declared[1]!, declared[2]!, declared[3]!.split(' '));
    else {
      const found = VERBS.find(([pattern]) => pattern.test(step));
      if (!found) throw new Error('no such step');
      found[1](this, found[0].exec(step)!.groups ?? {});
      this.#collect();
    }
  }

  #declare(name: string, kind: string, words: string[]): void {
    const flags = words.filter((word) => FLAGS.includes(word));
    const args = words.filter((word) => !FLAGS.includes(word));
    const id = this.#nodes.length;
    const rdd = (at: number) => this.#nodes[this.#ids.get(args[at]!)!]!;
    const partitions = Number(args.at(-1));
    let node: RddNode;
    if (kind === 'source') node = source(id, partitions);
    else if (kind === 'map') node = narrow(id, rdd(0).rddId, rdd(0).numPartitions);
    else if (kind === 'shuffle') node = shuffled(id, rdd(0).rddId, this.#shuffles++, partitions);
    else if (kind === 'index') node = zipWithIndex(id, rdd(0).rddId, rdd(0).numPartitions);
    else if (kind === 'union') node = union(id, [rdd(0), rdd(1)]);
    else if (kind === 'narrowjoin') {
      node = narrow(id, rdd(0).rddId, rdd(0).numPartitions);
      node.dependencies.push({ kind: 'oneToOne', rddId: rdd(1).rddId });
    } else if (kind === 'join') {
      const sides = [rdd(0), rdd(1)].map(({ rddId }) => ({ rddId, shuffleId: this.#shuffles++ }));
      node = join(id, sides, partitions);
    } else throw new Error(`no RDD ${kind}`);
    if (flags.includes('cached')) node = cached(node);
    if (flags.includes('indeterminate')) node = { ...node, determinism: 'INDETERMINATE' };
    if (flags.includes('unordered')) node = { ...node, determinism: 'UNORDERED' };
    if (flags.includes('places')) node = { ...node, tellsPlaces: true };
    this.#nodes.push(node);
    this.#ids.set(name, id);
  }

  #collect(): void {
    for (const set of this.harness.taskSets.splice(0)) {
      this.#sets.set(`${set.stageId}.${set.attempt}`, set);
      this.#fresh.push(`${set.stageId}.${set.attempt}[${set.indices}]`);
    }
    for (const command of this.harness.allCommands.splice(0)) {
      if (command.type === 'cancelTasks') this.#killed.push(command.stageId);
      if (command.type === 'taskDone') this.#done.push(`${command.stageId}[${command.index}]`);
    }
  }

  set(name: string): TaskSet {
    const set = this.#sets.get(name);
    if (!set) throw new Error(`task set ${name} was not submitted`);
    return set;
  }

  submit({ rdd, only }: Words): void {
    const rddId = this.#ids.get(rdd!)!;
    const { numPartitions } = this.#nodes[rddId]!;
    const partitions =
      only === undefined ? Array.from({ length: numPartitions }, (_, p) => p) : numbers(only);
    this.harness.submit(this.#nodes.slice(this.#sent), rddId, partitions);
    this.#sent = this.#nodes.length;
  }

  expectSubmitted({ sets }: Words): void {
    expect(this.#fresh.splice(0).join(' ') || 'nothing').toBe(sets);
  }

  complete({ set, only, executor, rows, disorder }: Words): void {
    const taskSet = this.set(set!);
    const indices = only === undefined ? taskSet.indices : numbers(only);
    const rowChecksums = rows === undefined ? {} : { rowChecksums: Uint32Array.of(Number(rows)) };
    this.harness.succeed(taskSet, indices, {
      ...(executor && { executorId: executor }),
      ...rowChecksums,
      ...(disorder && { disordered: true }),
    });
  }

  cache({ rdd, only, executor, set, disorder }: Words): void {
    const rddId = this.#ids.get(rdd!)!;
    const blocks = numbers(only).map((partition) => {
      return { rddId, partition, bytes: 1, onDisk: false, ...(disorder && { disordered: true as const }) };
    });
    const { epoch } = this.set(set!);
    this.harness.post({ type: 'blocksCached', executorId: executor!, epoch, blocks });
  }

  fail({ set, only }: Words): void {
    const { stageId, attempt } = this.set(set!);
    const cause = { code: 'USER', name: 'Error', message: 'boom' };
    const failure = { partition: Number(only), attempt: 3, executorId: 'e1', times: 'failed 4 times', cause };
    this.harness.post({ type: 'taskSetFailed', stageId, attempt, failure });
  }

  checkpoint({ rdd }: Words): void {
    const node = this.#nodes[this.#ids.get(rdd!)!]!;
    const op = { kind: 'checkpoint', directory: 'nowhere' } as const;
    this.harness.post({ type: 'replanned', node: { ...node, op, dependencies: [] } });
  }

  forget({ list }: Words): void {
    const rddIds = list!.split(' ').map((name) => this.#ids.get(name)!);
    this.harness.post({ type: 'forgotten', rddIds });
  }

  expectCached({ rdd, list }: Words): void {
    const { cache } = this.harness.scheduler.state;
    const rddId = this.#ids.get(rdd!)!;
    const known = cache.partitions(rddId).map((at) => `${at}:${cache.locations(rddId, at)}`);
    expect(known.sort().join(' ') || 'none').toBe(list);
  }

  expectOutputs({ shuffle, list }: Words): void {
    const { outputs } = this.harness.scheduler.state;
    const known = outputs.outputs(Number(shuffle)).map((status) => `${status.mapIndex}:${status.executorId}`);
    expect(known.join(' ') || 'none').toBe(list);
  }

  expectJob({ job, list }: Words): void {
    const result = this.harness.results.get(Number(job));
    expect(result?.replace(/^([A-Z_]+): .*$/s, '$1') ?? 'runs').toBe(list);
  }

  expectEnded({ set, status }: Words): void {
    const [stageId, attempt] = set!.split('.').map(Number);
    const ends = this.harness.events.flatMap((event) =>
      event.type === 'stageCompleted' && event.stageId === stageId && event.attempt === attempt
        ? [event.status]
        : [],
    );
    expect(ends).toEqual([status]);
  }

  expectWaiting({ job, jobs, code, rdd }: Words): void {
    const told = this.harness.events.findLast(
      (event) => (event.type === 'jobWaiting' || event.type === 'jobStart') && event.jobId === Number(job),
    );
    const rddId = this.#ids.get(rdd!);
    expect(told).toMatchObject({ type: 'jobWaiting', wait: { code, jobIds: numbers(jobs), rddId } });
  }

  expectRunning({ sets }: Words): void {
    const running = [...this.harness.scheduler.state.stages.values()].flatMap(({ stageId, current }) =>
      current?.mode === 'running' ? [`${stageId}.${current.attempt}`] : [],
    );
    expect(running.join(' ') || 'nothing').toBe(sets);
  }

  expectKept({ set, list }: Words): void {
    const kept = this.set(set!).plan.nodes.filter(({ keepsOrder }) => keepsOrder);
    const names = [...this.#ids].filter(([, id]) => kept.some(({ rddId }) => rddId === id));
    expect(names.map(([name]) => name).join(' ') || 'none').toBe(list);
  }

  expectPreferred({ set, list }: Words): void {
    const { preferred } = this.set(set!);
    expect(preferred?.map((ids) => ids?.join() ?? '-').join(' ') ?? 'none').toBe(list);
  }

  expectParents({ stage, list }: Words): void {
    expect(this.harness.scheduler.state.stage(Number(stage)).parentIds.join()).toBe(list);
  }

  expectKilled({ list }: Words): void {
    expect(this.#killed.splice(0).join(' ') || 'nothing').toBe(list);
  }

  expectDone({ list }: Words): void {
    expect(this.#done.splice(0).join(' ') || 'nothing').toBe(list);
  }
}

const VERBS: [RegExp, (script: Script, words: Words) => void][] = [
  [/^submit (?<rdd>\w+)(?: \[(?<only>[\d,]*)\])?$/, (script, words) => script.submit(words)],
  [/^expect (?<sets>.+)$/, (script, words) => script.expectSubmitted(words)],
  [
    /^complete (?<set>[\d.]+)(?:\[(?<only>[\d,]+)\])?(?: on (?<executor>\w+))?(?: rows (?<rows>\d+))?(?<disorder> disordered)?$/,
    (script, words) => script.complete(words),
  ],
  [
    /^fetch (?<set>[\d.]+)\[(?<only>\d+)\] misses (?<shuffle>\d+)\/(?<map>-?\d+)(?: of (?<executor>\w+))?$/,
    (script, { set, only, shuffle, map, executor }) =>
      script.harness.failFetch(script.set(set!), Number(only), Number(shuffle), Number(map), executor),
  ],
  [/^fail (?<set>[\d.]+)\[(?<only>\d+)\]$/, (script, words) => script.fail(words)],
  [/^resubmit$/, (script) => script.harness.resubmit()],
  [
    /^cancel (?<job>\d+)$/,
    (script, { job }) =>
      script.harness.post({ type: 'jobCancelled', jobId: Number(job), reason: 'by the script' }),
  ],
  [
    /^lose (?<executor>\w+)$/,
    (script, { executor }) =>
      script.harness.post({ type: 'executorLost', executorId: executor!, reason: 'by the script' }),
  ],
  [
    /^cache (?<rdd>\w+)\[(?<only>[\d,]+)\] on (?<executor>\w+) by (?<set>[\d.]+)(?<disorder> disordered)?$/,
    (script, words) => script.cache(words),
  ],
  [/^cached (?<rdd>\w+) = (?<list>.+)$/, (script, words) => script.expectCached(words)],
  [/^checkpoint (?<rdd>\w+)$/, (script, words) => script.checkpoint(words)],
  [/^forget (?<list>.+)$/, (script, words) => script.forget(words)],
  [/^outputs (?<shuffle>\d+) = (?<list>.+)$/, (script, words) => script.expectOutputs(words)],
  [/^job (?<job>\d+) = ?(?<list>.*)$/, (script, words) => script.expectJob(words)],
  [
    /^waits (?<job>\d+) = (?<jobs>[\d,]+) (?<code>\w+) (?<rdd>\w+)$/,
    (script, words) => script.expectWaiting(words),
  ],
  [/^ended (?<set>[\d.]+) (?<status>\w+)$/, (script, words) => script.expectEnded(words)],
  [
    /^owner (?<set>[\d.]+) = (?<job>\d+)$/,
    (script, { set, job }) => expect(script.set(set!).jobId).toBe(Number(job)),
  ],
  [/^prefers (?<set>[\d.]+) = (?<list>.+)$/, (script, words) => script.expectPreferred(words)],
  [/^keeps (?<set>[\d.]+) = (?<list>.+)$/, (script, words) => script.expectKept(words)],
  [/^parents (?<stage>\d+) = ?(?<list>.*)$/, (script, words) => script.expectParents(words)],
  [/^running (?<sets>.+)$/, (script, words) => script.expectRunning(words)],
  [/^killed (?<list>.+)$/, (script, words) => script.expectKilled(words)],
  [/^done (?<list>.+)$/, (script, words) => script.expectDone(words)],
];

export function runScript(text: string): void {
  new Script().run(text);
}
