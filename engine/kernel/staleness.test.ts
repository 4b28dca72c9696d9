/** Staleness told by stories, and held against an oracle that really computes the cells' values. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StaleReason } from '../protocol.ts';
import { cellsToRun } from './run-records.ts';
import { type Deed, runDeed, structureDeed, TestNotebook, travelDeed } from './test-notebook.ts';
import { toyAnalysis } from './test-session.ts';

/** Cells c1, c2 … with these texts, all run in order. */
function ran(...sources: string[]): TestNotebook {
  const notebook = new TestNotebook(...sources.map((_, i) => `c${i + 1}`));
  sources.forEach((source, cell) => {
    notebook.perform({ deed: 'set', cell, source });
  });
  runAll(notebook);
  return notebook;
}

function runAll(notebook: TestNotebook): void {
  notebook.command({ type: 'runCells', cellIds: notebook.state.cells.map(({ cellId }) => cellId) });
  notebook.drain();
}

function run(notebook: TestNotebook, ...cellIds: string[]): void {
  notebook.command({ type: 'runCells', cellIds });
  notebook.drain();
}

function edit(notebook: TestNotebook, cellId: string, source: string): void {
  const cell = notebook.state.cells.findIndex((each) => each.cellId === cellId);
  notebook.perform({ deed: 'set', cell, source });
}

/** What the view says: each stale cell with its reasons, and what else would run. */
function stale({ view }: TestNotebook): Record<string, string> {
  const told: Record<string, string> = {};
  for (const cellId of view.cellOrder) {
    const reasons = view.cells.get(cellId)?.stale;
    if (reasons) told[cellId] = reasons.map(reasonText).join('; ');
  }
  for (const { cellId, reason, names } of view.alsoRun) told[`+${cellId}`] = `${reason} ${names.join()}`;
  return told;
}

function reasonText({ kind, ...rest }: StaleReason): string {
  return [kind, ...Object.values(rest).map((value) => String(value))].join(' ');
}

test('cells run in order are fresh, and so is one that never ran', () => {
  expect(stale(ran('x = 1', 'y = x', 'x + y'))).toEqual({});
  expect(stale(new TestNotebook('a', 'b'))).toEqual({});
});

test('an edit makes the cell and all below that rest on it stale; taken back, everything is fresh', () => {
  const notebook = ran('x = 1', 'y = x', 'z = y', 'q = 2');
  edit(notebook, 'c1', 'x = 2');
  expect(stale(notebook)).toEqual({ c1: 'edited', c2: 'inputEdited x c1', c3: 'inputStale y c2' });
  edit(notebook, 'c1', 'x = 1');
  expect(stale(notebook)).toEqual({});
});

test('a name that changed: the cells that used it are stale until they run too', () => {
  const notebook = ran('x = 1', 'y = x', 'z = y');
  run(notebook, 'c1');
  expect(stale(notebook)).toEqual({ c2: 'changed x c1', c3: 'inputStale y c2' });
  notebook.command({ type: 'runStale' });
  notebook.drain();
  expect(stale(notebook)).toEqual({});
  expect(notebook.executed.slice(-2).map(({ cellId }) => cellId)).toEqual(['c2', 'c3']);
});

test('several names of one cell are one reason', () => {
  const notebook = ran('x + y = 1', 'x + y');
  run(notebook, 'c1');
  expect(stale(notebook)).toEqual({ c2: 'changed x,y c1' });
});

test('a deleted definition is told by the place where it stood, and comes back fresh', () => {
  const notebook = ran('q = 1', 'x = 1', 'y = x');
  notebook.command({ type: 'deleteCells', cellIds: ['c2'] });
  expect(stale(notebook)).toEqual({ c3: 'deleted x 1' });
  notebook.command({ type: 'undo' });
  expect(stale(notebook)).toEqual({});
});

test('a definition taken out of a text that stays', () => {
  const notebook = ran('x = 1', 'y = x');
  edit(notebook, 'c1', 'w = 1');
  run(notebook, 'c1');
  expect(stale(notebook)).toEqual({ c2: 'undefined x c1' });
});

test('a restart keeps outputs and makes all that ran stale; a run brings them back', () => {
  const notebook = ran('x = 1', 'y = x', 'z = 1');
  notebook.command({ type: 'restartKernel' });
  expect(stale(notebook)).toEqual({ c1: 'kernel true', c2: 'kernel true', c3: 'kernel true' });
  expect(notebook.picture.map(({ outputs }) => outputs.length)).toEqual([1, 1, 1]);
  edit(notebook, 'c3', 'z = 2');
  expect(stale(notebook)['c3']).toBe('kernel true; edited');
  notebook.command({ type: 'runStale' });
  notebook.drain();
  expect(stale(notebook)).toEqual({});
  notebook.command({ type: 'shutdownKernel' });
  expect(stale(notebook)['c1']).toBe('kernel false');
});

test('a name defined twice belongs to the nearest definition above', () => {
  const notebook = ran('x = 1', 'a = x', 'x = 2', 'b = x');
  run(notebook, 'c1');
  expect(stale(notebook)).toEqual({ c2: 'changed x c1' });
  // c4 wants the x of c3, but now c1 ran last: running c4 alone would take the wrong one.
  run(notebook, 'c2', 'c4');
  expect(stale(notebook)).toEqual({ c4: 'otherCell x c3 c1', '+c3': 'defines x' });
  notebook.command({ type: 'runStale' });
  notebook.drain();
  expect(notebook.executed.slice(-2).map(({ cellId }) => cellId)).toEqual(['c3', 'c4']);
  expect(stale(notebook)).toEqual({});
});

test('moving a cell above its input, or a new definition between, makes it stale', () => {
  const notebook = ran('x = 1', 'x = 2', 'y = x');
  notebook.command({ type: 'moveCells', cellIds: ['c2'], index: 2 });
  expect(stale(notebook)).toEqual({ c3: 'otherCell x c1 c2', '+c1': 'defines x' });
  notebook.command({ type: 'undo' });
  notebook.command({ type: 'insertCell', cellId: 'n', kind: 'code', source: 'x = 3', index: 2 });
  expect(stale(notebook)).toEqual({ c3: 'otherCell x n c2', '+n': 'defines x' });
});

test('what a cell used of its own earlier run is not what it would use in order', () => {
  const notebook = ran('n = 0', 'n = n', 'n');
  run(notebook, 'c2');
  expect(stale(notebook)).toEqual({
    c2: 'otherCell n c1 c2',
    c3: 'changed n c2',
    '+c1': 'defines n',
  });
  notebook.command({ type: 'runStale' });
  notebook.drain();
  expect(stale(notebook)).toEqual({});
});

test('a run cut off leaves the cell stale; one that the kernel never began leaves it as it was', () => {
  const notebook = ran('x = 1', 'y = x');
  notebook.command({ type: 'runCells', cellIds: ['c1'] });
  notebook.perform({ deed: 'end', status: 'interrupted' });
  expect(stale(notebook)).toEqual({ c1: 'cut', c2: 'changed x c1' });
  const other = ran('x = 1', 'y = x');
  other.command({ type: 'runCells', cellIds: ['c1'] });
  other.perform({ deed: 'end', status: 'aborted' });
  expect(stale(other)).toEqual({});
});

test('a text that is broken now keeps what the cells below know of it', () => {
  const notebook = ran('x = 1', 'y = x');
  edit(notebook, 'c1', 'x = 1!');
  expect(stale(notebook)).toEqual({ c1: 'edited', c2: 'inputEdited x c1' });
});

test('the run of a queued cell takes the text of the moment it starts', () => {
  const notebook = ran('x = 1', 'y = x');
  notebook.command({ type: 'runCells', cellIds: ['c1', 'c2'] });
  edit(notebook, 'c2', 'y = x + x');
  notebook.drain();
  expect(notebook.executed.at(-1)?.source).toBe('y = x + x');
  expect(stale(notebook)).toEqual({});
});

/**
 * The oracle: a kernel that computes. A value is the text, the run and the values it was made of; a cell is fresh when
 * the very same run in order would have made the value it made. Names that only a cell below defines are left alone.
 */
class Oracle {
  readonly #notebook: TestNotebook;
  #kernelId: string | undefined;
  /** The names of the kernel, each with the cell that made it. */
  #names = new Map<string, { by: string; value: string }>();
  readonly #made = new Map<
    string,
    { kernelId: string | undefined; runId: string; value: string; inputs: Map<string, string> }
  >();

  constructor(notebook: TestNotebook) {
    this.#notebook = notebook;
    notebook.onExecute = ({ cellId, runId, source }) => {
      const { kernelId } = notebook.state;
      if (this.#kernelId !== kernelId) this.#names.clear();
      this.#kernelId = kernelId;
      const { references } = toyAnalysis(source);
      const inputs = new Map(references.map((name) => [name, this.#names.get(name)?.value ?? 'none']));
      const by = new Map(references.map((name) => [name, this.#names.get(name)?.by ?? 'none']));
      const value = computed(source, runId, inputs);
      this.#made.set(cellId, { kernelId, runId, value, inputs: by });
    };
  }

  /** The names are the kernel's when the run ends. */
  ended(cellId: string, source: string): void {
    const value = this.#made.get(cellId)!.value;
    for (const name of toyAnalysis(source).definitions) this.#names.set(name, { by: cellId, value });
  }

  stale(): string[] {
    const { cells, kernelId } = this.#notebook.state;
    const inOrder = new Map<string, string>();
    const stale: string[] = [];
    for (const [place, { cellId, kind, source }] of cells.entries()) {
      if (kind !== 'code') continue;
      const made = this.#made.get(cellId);
      const { definitions, references } = toyAnalysis(source);
      let fresh = true;
      if (made) {
        const lost = [...made.inputs].some(([name, by]) => {
          const there = cells.findIndex((cell) => cell.cellId === by);
          return !inOrder.has(name) && by !== 'none' && (there < 0 || there < place);
        });
        const again = references.map((name): [string, string] => {
          const by = made.inputs.get(name);
          const below = !inOrder.has(name) && by !== undefined;
          return [name, below ? 'as it was' : (inOrder.get(name) ?? 'none')];
        });
        const now = computed(source, made.runId, new Map(again));
        fresh = made.kernelId === kernelId && !lost && sameValue(now, made.value, again);
        if (!fresh) stale.push(cellId);
      }
      for (const name of definitions)
        inOrder.set(name, made && fresh ? made.value : `the value of ${cellId} in order`);
    }
    return stale;
  }
}

const computed = (source: string, runId: string, inputs: ReadonlyMap<string, string>) =>
  JSON.stringify([source, runId, [...inputs]]);

function sameValue(now: string, then: string, inputs: [string, string][]): boolean {
  const [a, b] = [JSON.parse(now), JSON.parse(then)] as [string, string, [string, string][]][];
  return (
    a![0] === b![0] &&
    a![1] === b![1] &&
    inputs.every(([, value], i) => value === 'as it was' || value === b![2][i]![1])
  );
}

const name = fc.constantFrom('x', 'y', 'z');
const source = fc
  .tuple(fc.option(name), fc.option(name), fc.nat({ max: 1 }))
  .map(([defines, uses, n]) => `${defines ?? '-'} = ${uses ?? '-'} + ${n}`);
const setText = fc.record({ deed: fc.constant('set' as const), cell: fc.nat({ max: 5 }), source });
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 5, arbitrary: setText },
  { weight: 5, arbitrary: runDeed },
  { weight: 2, arbitrary: structureDeed.filter(({ deed }) => deed !== 'merge' && deed !== 'split') },
  { weight: 1, arbitrary: travelDeed },
);

/** Performs a deed and lets all that waits run through, telling the oracle of every end. */
function performWithOracle(notebook: TestNotebook, oracle: Oracle, deed: Deed): void {
  notebook.perform(deed);
  const finishing = () => {
    const { running } = notebook.state;
    const run = notebook.executed.findLast(({ runId }) => runId === running?.runId);
    if (!running || !run) return false;
    oracle.ended(run.cellId, run.source);
    notebook.perform({ deed: 'end', status: 'ok' });
    return true;
  };
  if (notebook.state.kernel === 'starting') notebook.apply({ type: 'kernelReady', pid: 1 });
  while (finishing());
}

const complete: fc.Arbitrary<Deed> = deeds.filter(({ deed }) => deed !== 'end' && deed !== 'cancel');

test('a cell is stale exactly when the same run in order would have made another value', () => {
  fc.assert(
    fc.property(
      fc.array(source, { minLength: 3, maxLength: 6 }),
      fc.array(complete, { maxLength: 25 }),
      (texts, story) => {
        const notebook = new TestNotebook(...texts.map((_, i) => `c${i}`));
        const oracle = new Oracle(notebook);
        for (const [cell, text] of texts.entries())
          performWithOracle(notebook, oracle, { deed: 'set', cell, source: text });
        for (const deed of story) {
          performWithOracle(notebook, oracle, deed);
          const told = notebook.view.cellOrder.filter(
            (cellId) =>
              notebook.view.cells.get(cellId)!.stale && notebook.view.cells.get(cellId)!.kind === 'code',
          );
          expect(told).toEqual(oracle.stale());
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('running the stale cells makes everything fresh but what rests on a lost definition', () => {
  fc.assert(
    fc.property(
      fc.array(source, { minLength: 3, maxLength: 6 }),
      fc.array(deeds, { maxLength: 25 }),
      (texts, story) => {
        const notebook = ran(...texts);
        for (const deed of story) notebook.perform(deed);
        notebook.drain();
        const { cellIds } = cellsToRun(notebook.state);
        const before = notebook.executed.length;
        notebook.command({ type: 'runStale' });
        notebook.drain();
        expect(notebook.executed.slice(before).map(({ cellId }) => cellId)).toEqual(cellIds);
        const left = [...notebook.view.cells.values()].flatMap(({ stale: reasons = [] }) => reasons);
        const lost = left.filter(({ kind }) => kind === 'deleted' || kind === 'undefined');
        expect(
          left.filter(({ kind }) => kind !== 'inputStale' && !lost.some((each) => each.kind === kind)),
        ).toEqual([]);
        if (lost.length === 0) expect(left).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});
