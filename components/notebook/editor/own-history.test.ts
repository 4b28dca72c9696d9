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
