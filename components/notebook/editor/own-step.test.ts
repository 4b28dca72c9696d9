/** A step is done to a changed text where its place is certain, and refused where it would be a guess. */
import { expect, test } from 'vitest';
import { applyStep } from './own-step.ts';

const FILE = 'const alpha = 1;\nconst omega = alpha + 2;\nshow(omega);\n';

test.each<[name: string, from: string, to: string, current: string, result: string | undefined]>([
  ['nothing in between', 'a b', 'a', 'a b', 'a'],
  ['another line changed', 'a\nb\n', 'a1\nb\n', 'a\nc\n', 'a1\nc\n'],
  ['other words of the line', 'f(one, two);', 'f(one, three);', 'g(one, two);', 'g(one, three);'],
  ['lines above and below', 'mine\nbase\n', 'base\n', 'over\nmine\nunder\nbase\n', 'over\nunder\nbase\n'],
  [
    'a rename',
    FILE,
    FILE.replaceAll('omega', 'last'),
    `// new\n${FILE}`,
    `// new\n${FILE.replaceAll('omega', 'last')}`,
  ],
  ['the same word is another now', 'word', 'words', 'wordy', undefined],
  ['both ends of one word', 'fooX', 'foo', 'YfooX', undefined],
  ['both insert at one place', 'a', 'a mine', 'a theirs', undefined],
  [
    'the text is another altogether',
    FILE,
    FILE.replaceAll('omega', 'last'),
    'let omega = 3;\nrun();\n',
    undefined,
  ],
  ['words would grow together', 'foo bar', 'foobar', 'foo baz', undefined],
  ['only signs are left of the place', 'a\nb\n', 'a\nnew\nb\n', 'x\ny\n', undefined],
  ['the place is there twice', 'x\nend', 'x!\nend', 'x\nx\n', undefined],
  ['an emoji is one sign', 'go 😀 on', 'go 😁 on', '// c\ngo 😀 on', '// c\ngo 😁 on'],
])('%s', (_name, from, to, current, result) => expect(applyStep(from, to, current)).toBe(result));
