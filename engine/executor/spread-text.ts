/**
 * Text of how a pulled loop spreads what a function gave for a row. That may be more than memory holds, or never end: the
 * loop is left in the middle of it, and S is told what of the row is still to come (pulled-path.ts).
 */

/** Longer arrays are walked as what may not end. */
const AT_ONCE = 256;

/** What is still to come of a row, in expressions. */
export interface RemainderText {
  /** The operator that takes it on, counted from the first of the loop. */
  step: number;
  /** What the function was given. */
  element: string;
  /** Of the pairs whose values they are. */
  key?: string;
  /** One that gives them, or these from `at` on. */
  iterator?: string;
  items?: string;
  at?: string;
  /** What gives them, before anybody asked. */
  iterable?: string;
}

export interface SpreadText {
  index: number;
  fn: number;
  /** The local with what the function returned, and new names. */
  given: string;
  at: string;
  item: string;
  rest: Pick<RemainderText, 'step' | 'element' | 'key'>;
  /** What is still to come of the rows outside, the outermost first. */
  around: RemainderText[];
  /** Functions that follow make rows of the items, which may be larger than they are. */
  grows: boolean;
  /** Where the time of asking ends. */
  asked: string;
}

function laterText(remainder: RemainderText): string {
  const parts = Object.entries(remainder).map(([name, expression]) => `${name}: ${expression}`);
  // It is S that closes it from here on, also when what follows fails.
  const given = remainder.iterator?.startsWith('open') ? ` ${remainder.iterator} = undefined;` : '';
  return `S.later({ ${parts.join(', ')} });${given}`;
}

/** The local that holds the iterator of operator `index` while it is to be closed should the loop fail. */
export const opened = (index: number): string => `open${index}`;

export interface SpreadHead {
  /** The head of a loop over the items. */
  text: string;
  /** What is to come of them, seen from inside. */
  remainder: RemainderText;
}

/** Leaves before the first item. */
function leaveText({ fn, given, rest, around }: SpreadText): string {
  return `T.iterable(${given}, ${fn});
${[...around, { ...rest, iterable: given }].map(laterText).join('\n')}
return S.leave(i);`;
}

/** Of what may not end: one item after the other, for as long as rows are wanted. */
export function askingHead({ index, fn, given, item, rest, around, asked }: SpreadText): SpreadHead {
  const iterator = opened(index);
  const remainder = { ...rest, iterator };
  const text = `T.iterable(${given}, ${fn});
${iterator} = ${given}[Symbol.iterator]();
for (;;) {
if (--budget < 0) budget = T.check();
if (out.length >= most) {
${[...around, remainder].map(laterText).join('\n')}
return S.leave(i);
}
element = ${rest.element};
const asked${index} = ${iterator};
${iterator} = undefined;
const step${index} = asked${index}.next();
if (step${index}.done) break;
${iterator} = asked${index};
const ${item} = step${index}.value;
if (${item} === undefined) T.step(step${index});
${asked}`;
  return { text, remainder };
}

/** Of what is there, and so little that it may pass at once; anything else goes on outside. */
export function arrayHead(spread: SpreadText): SpreadHead {
  const { given, at, item, rest, around, grows } = spread;
  const remainder = { ...rest, items: given };
  const leave = `if (out.length >= most) {
${[...around, { ...remainder, at }].map(laterText).join('\n')}
return S.leave(i);
}
`;
  // Few times few are few: looking at each would cost a fifth of the time of a cheap function.
  const full = around.length > 1 ? ' || out.length >= most' : '';
  const text = `if (!Array.isArray(${given}) || ${given}.length > ${AT_ONCE}${full}) {
${leaveText(spread)}
}
for (let ${at} = 0; ${at} < ${given}.length; ${at}++) {
if (--budget < 0) budget = T.check();
${grows ? leave : ''}const ${item} = ${given}[${at}];`;
  return { text, remainder: { ...remainder, at: `${at} + 1` } };
}
