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

export type LoopHead = 'batch' | 'range' | 'pairs' | 'join';

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
    // The right side passes by; `table` holds the left side (join-table.ts).
    case 'join':
      return {
        parameters: 'keys, values, table, keepRight',
        declare: 'const alone = [undefined]; let joined = 0;',
        open: `const key = keys[i], right = values[i++], slot = table.get(key);
let lefts = alone;
if (slot !== undefined) { slot.matched = true; lefts = slot.values; } else if (!keepRight) continue;
for (let l = 0; l < lefts.length; l++) {
if (--budget < 0) budget = T.check();
joined++;
const left = lefts[l];`,
        close: '}',
        row: { key: 'key', value: '[left, right]', unmade: true },
        level: 'joined',
        tally: 'table.joined += joined;',
      };
    default:
      return head satisfies never;
  }
}
