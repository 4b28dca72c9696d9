/** Undo takes back one's own words and never another's, whatever came in between. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OwnHistory, type UndoableText } from './own-history.ts';

/** A line of texts, as a model's history is. */
class Line implements UndoableText {
  texts = [''];
  ids = [0];
  at = 0;
  #next = 1;

  push(text: string): void {
    this.texts.splice(this.at + 1, Infinity, text);
    this.ids.splice(this.at + 1, Infinity, this.#next++);
    this.at += 1;
  }
  getValue = () => this.texts[this.at]!;
  getAlternativeVersionId = () => this.ids[this.at]!;
  canUndo = () => this.at > 0;
  canRedo = () => this.at < this.texts.length - 1;
  undo = () => {
    if (this.canUndo()) this.at -= 1;
  };
  redo = () => {
    if (this.canRedo()) this.at += 1;
  };
}

function open(text: string) {
  const line = new Line();
  line.texts = [text];
  const history = new OwnHistory(line, (next) => line.push(next));
  const type = (next: string) => {
    line.push(next);
    history.changed();
  };
  return { line, history, type };
}

test('one’s own step is undone below another’s, and done again', () => {
  const { line, history, type } = open('one\ntwo\n');
  type('one!\ntwo\n');
  type('one!?\ntwo\n');
  history.receive('one!?\ntwo\nthree\n');
  history.undo();
  expect(line.getValue()).toBe('one!\ntwo\nthree\n');
  history.receive('zero\none!\ntwo\nthree\n');
  history.undo();
  expect(line.getValue()).toBe('zero\none\ntwo\nthree\n');
  // Nothing of one's own is left.
  history.undo();
  expect(line.getValue()).toBe('zero\none\ntwo\nthree\n');
  history.redo();
  expect(line.getValue()).toBe('zero\none!\ntwo\nthree\n');
  history.redo();
  expect(line.getValue()).toBe('zero\none!?\ntwo\nthree\n');
  history.redo();
  expect(line.getValue()).toBe('zero\none!?\ntwo\nthree\n');
  history.undo();
  expect(line.getValue()).toBe('zero\none!\ntwo\nthree\n');
});

test('without others it is the history as it is', () => {
  const { line, history, type } = open('a');
  type('ab');
  type('abc');
  history.undo();
  history.undo();
  expect(line.getValue()).toBe('a');
  history.redo();
  expect(line.getValue()).toBe('ab');
  type('abd');
  history.redo();
  expect(line.getValue()).toBe('abd');
});

test('typing ends what could be redone; words that both changed stay', () => {
  const { line, history, type } = open('a\nb\n');
  type('a1\nb\n');
  history.receive('a1\nb2\n');
  history.undo();
  type('a\nb2\nc');
  history.redo();
  expect(line.getValue()).toBe('a\nb2\nc');
  const same = open('word');
  same.type('words');
  same.history.receive('wordy');
  same.history.undo();
  expect(same.line.getValue()).toBe('wordy');
});

test('any interleaving of lines typed above and below: undoing all leaves the others’ lines alone', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 12 }), (turns) => {
      const { line, history, type } = open('middle\n');
      turns.forEach((mine, i) => {
        if (mine) type(`mine ${i}\n${line.getValue()}`);
        else history.receive(`${line.getValue()}theirs ${i}\n`);
      });
      const all = line.getValue();
      for (const _ of turns) history.undo();
      const theirs = turns.flatMap((mine, i) => (mine ? [] : [`theirs ${i}\n`])).join('');
      expect(line.getValue()).toBe(`middle\n${theirs}`);
      for (const _ of turns) history.redo();
      expect(line.getValue()).toBe(all);
    }),
  );
});

test('another’s text taken in place of one’s own is a step of one’s own', () => {
  const { line, history, type } = open('base');
  type('mine');
  history.take('theirs');
  expect(history.undo()).toBe('done');
  expect(line.getValue()).toBe('mine');
  expect(history.redo()).toBe('done');
  expect(line.getValue()).toBe('theirs');
});

/** How often each word stands in a text. */
function wordsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of text.match(/[^\s]+/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** The difference a step makes to the words, as sorted text: `+1 beta, -1 omega`. */
function difference(from: string, to: string): string {
  const [before, after] = [wordsOf(from), wordsOf(to)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((word) => [word, (after.get(word) ?? 0) - (before.get(word) ?? 0)] as const)
    .filter(([, count]) => count !== 0)
    .map(([word, count]) => `${count} ${word}`)
    .sort()
    .join(', ');
}

const rename = (text: string, from: string, to: string) => text.replace(new RegExp(`\\b${from}\\b`, 'g'), to);

function moved(text: string, line: number, by: 1 | -1): string {
  const lines = text.split('\n');
  const at = line % lines.length;
  const to = Math.min(lines.length - 1, Math.max(0, at + by));
  lines.splice(to, 0, ...lines.splice(at, 1));
  return lines.join('\n');
}

function withLine(text: string, line: number, put: string | undefined): string {
  const lines = text.split('\n');
  lines.splice(line % (lines.length + 1), put === undefined ? 1 : 0, ...(put === undefined ? [] : [put]));
  return lines.join('\n');
}

const NAMES = ['alpha', 'omega', 'beta', 'total'];
const name = fc.constantFrom(...NAMES);
const edit = fc.oneof(
  fc.record({ kind: fc.constant('rename' as const), from: name, to: name }),
  fc.record({ kind: fc.constant('move' as const), line: fc.nat(9), by: fc.constantFrom<1 | -1>(1, -1) }),
  fc.record({
    kind: fc.constant('line' as const),
    line: fc.nat(9),
    put: fc.option(name, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('rewrite' as const), names: fc.array(name, { maxLength: 6 }) }),
);
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;
const turn = fc.oneof(
  { weight: 3, arbitrary: fc.record({ who: fc.constant('mine' as const), edit }) },
  { weight: 2, arbitrary: fc.record({ who: fc.constant('theirs' as const), edit }) },
  { weight: 4, arbitrary: fc.record({ who: fc.constantFrom('undo' as const, 'redo' as const) }) },
);

function edited(text: string, change: Edit): string {
  if (change.kind === 'rename') return rename(text, change.from, change.to);
  if (change.kind === 'move') return moved(text, change.line, change.by);
  if (change.kind === 'line')
    return withLine(text, change.line, change.put && `let ${change.put} = f( ${change.put} );`);
  return change.names.map((each, i) => `const ${each} = ${i} + ${each} ;`).join('\n');
}

test('any interleaving: a step is undone and redone word for word, or refused and the text left alone', () => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 30, size: 'max' }), (turns) => {
      const { line, history, type } = open(
        'const alpha = 1 ;\nconst omega = alpha + 2 ;\nshow( omega , alpha ) ;',
      );
      // What each of the own steps that can be undone, or redone, makes of the words.
      const own: string[] = [];
      let undone: string[] = [];
      for (const each of turns) {
        const before = line.getValue();
        if (each.who === 'mine' || each.who === 'theirs') {
          const next = edited(before, each.edit);
          if (next === before) continue;
          if (each.who === 'theirs') history.receive(next);
          else {
            type(next);
            own.push(difference(before, next));
            undone = [];
          }
          continue;
        }
        const [from, to] = each.who === 'undo' ? [own, undone] : [undone, own];
        const outcome = history[each.who]();
        const after = line.getValue();
        expect(outcome === 'nothing').toBe(from.length === 0);
        if (outcome !== 'done') {
          expect(after).toBe(before);
          from.pop();
          continue;
        }
        const step = from.pop()!;
        to.push(step);
        expect(each.who === 'undo' ? difference(after, before) : difference(before, after)).toBe(step);
        if (each.who === 'redo') continue;
        // Nothing in between: done again, it is what it was; and undone again.
        expect(history.redo()).toBe('done');
        expect(line.getValue()).toBe(before);
        expect(history.undo()).toBe('done');
        expect(line.getValue()).toBe(after);
      }
    }),
    { numRuns: 500 },
  );
});

test('a step whose words others rewrote is left out; the ones before and after it go on', () => {
  const { line, history, type } = open('alpha\nbeta\n');
  type('first\nalpha\nbeta\n');
  type('first\nalpha\nomega\n');
  history.receive('first\nalpha\ntheirs\n');
  expect(history.undo()).toBe('refused');
  expect(line.getValue()).toBe('first\nalpha\ntheirs\n');
  expect(history.undo()).toBe('done');
  expect(line.getValue()).toBe('alpha\ntheirs\n');
  expect(history.undo()).toBe('nothing');
  expect(history.redo()).toBe('done');
  expect(line.getValue()).toBe('first\nalpha\ntheirs\n');
  expect(history.redo()).toBe('nothing');
});
