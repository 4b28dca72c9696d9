/** How a push loop takes its rows in: text for the first lines of the generated loop. */

/** An expression for the whole row, or for its two halves while they are apart. */
export type Row =
  | { whole: string }
  | {
      key: string;
      value: string;
      /** The value is an expression that makes an array: to be evaluated once, and only if anybody asks. */
      unmade?: boolean;
    };

/**
 * `asked`: an iterator is asked for one item after the other, `askedValues`: for the values of pairs (pulled-path.ts);
 * `join`: the right side of a join passes by, the left one is held; `heldRight`: the other way round.
 */
export type LoopHead = 'batch' | 'asked' | 'askedValues' | 'range' | 'pairs' | 'join' | 'heldRight';

export interface HeadText {
  /** Behind `from, to`: the loop goes the rounds `from <= i < to`. */
  parameters: string;
  /** Locals. */
  declare: string;
  /** In every round, up to where the row is known. */
  open: string;
  close: string;
  row: Row;
  /** The local that counts the rows. */
  level: string;
  /** After the last row. */
  tally: string;
}

export function headText(head: LoopHead): HeadText {
  switch (head) {
    case 'batch':
      return {
        parameters: 'batch',
        declare: '',
        open: 'const x = batch[i++];',
        close: '',
        row: { whole: 'x' },
        level: '(i - from)',
        tally: '',
      };
    case 'asked':
      return askedText({ whole: 'x' });
    case 'askedValues':
      return askedText({ key: 'key', value: 'x' });
    case 'range':
      return {
        parameters: 'start, step',
        declare: '',
        open: 'const x = start + i++ * step;',
        close: '',
        row: { whole: 'x' },
        level: '(i - from)',
        tally: '',
      };
    case 'pairs':
      return {
        parameters: 'keys, values',
        declare: '',
        open: 'const key = keys[i], value = values[i++];',
        close: '',
        row: { key: 'key', value: 'value' },
        level: '(i - from)',
        tally: '',
      };
    case 'join':
      return joinText('right', 'left');
    case 'heldRight':
      return joinText('left', 'right');
    default:
      return head satisfies never;
  }
}

/** S is told how many came, and when there are no more: an iterator that throws has ended too. */
function askedText(row: Row): HeadText {
  return {
    parameters: 'iterator, remainder',
    declare: 'const given = remainder.element, key = remainder.key;',
    open: `element = given;
S.ended = true;
const step = iterator.next();
if (step.done) return true;
S.ended = false;
const x = step.value;
if (x === undefined) T.step(step);
i++;`,
    close: '',
    row,
    level: '(i - from)',
    tally: 'S.taken += i - from;',
  };
}

/** One side passes by; `table` holds the other one (join-table.ts). */
function joinText(passing: 'left' | 'right', held: 'left' | 'right'): HeadText {
  return {
    parameters: 'keys, values, table, keepPassing',
    declare: 'const alone = [undefined]; let joined = 0;',
    open: `const key = keys[i], ${passing} = values[i++], slot = table.get(key);
let partners = alone;
if (slot !== undefined) { slot.matched = true; partners = slot.values; } else if (!keepPassing) continue;
for (let p = 0; p < partners.length; p++) {
if (--budget < 0) budget = T.check();
joined++;
const ${held} = partners[p];`,
    close: '}',
    row: { key: 'key', value: '[left, right]', unmade: true },
    level: 'joined',
    tally: 'table.joined += joined;',
  };
}
