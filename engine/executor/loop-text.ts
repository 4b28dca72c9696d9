/**
 * The text of one push loop: a chain of narrow operators and the sink behind it, fused.
 *
 * A row is kept as a key and a value in two locals for as long as nobody asks for the pair itself, so that
 * `keyBy`, `mapValues` and a combining sink build no arrays of their own. Names in the text: T the task, F the
 * functions, S the sink, G the operators' state, C the row counters.
 *
 * The timed twin of a loop does the same and reads a clock behind every part (loop-sample.ts): Z holds the readings.
 */
import type { NarrowOperator } from '../rdd/operator.ts';
import { type HeadText, headText, type LoopHead, type Row } from './loop-head.ts';
import type { LoopSink } from './sink-text.ts';
import { arrayHead, askingHead, opened, type RemainderText } from './spread-text.ts';

export type RowOperator = Extract<
  NarrowOperator,
  {
    kind:
      | 'map'
      | 'flatMap'
      | 'filter'
      | 'mapValues'
      | 'flatMapValues'
      | 'keyBy'
      | 'keys'
      | 'values'
      | 'sample'
      | 'zipWithIndex'
      | 'filterKey'
      | 'concat';
  }
>;

export interface LoopStep {
  op: RowOperator;
  /** Where the rows leaving this operator are counted. */
  slot: number;
  /** Index of its function, −1 when it has none. */
  fn: number;
  /** The function is a generator, or is known to return what may not end: what it returns is walked by its iterator. */
  generator: boolean;
}

function wholeRow(row: Row): string {
  return 'whole' in row ? row.whole : `[${row.key}, ${row.value}]`;
}

class LoopWriter {
  readonly #steps: LoopStep[];
  readonly #sink: LoopSink;
  readonly #lines: string[] = [];
  #names = 0;
  /** The counter that holds how many rows have come this far, and what each operator adds it to. */
  #level: string;
  readonly counters: string[] = [];
  readonly tallies: string[] = [];
  readonly #timed: boolean;
  /** What is still to come when the loop is left, the outermost first; and the iterators that are then to be closed. */
  readonly #around: RemainderText[] = [];
  readonly opened: string[] = [];

  constructor(head: HeadText, steps: LoopStep[], sink: LoopSink, timed: boolean) {
    this.#timed = timed;
    this.#level = head.level;
    this.#steps = steps;
    this.#sink = sink;
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  #line(text: string): void {
    this.#lines.push(text);
  }

  #name(expression: string): string {
    const name = `x${this.#names++}`;
    this.#line(`const ${name} = ${expression};`);
    return name;
  }

  #whole(row: Row): string {
    return 'whole' in row ? row.whole : this.#name(wholeRow(row));
  }

  #pair(row: Row): { key: string; value: string } {
    if (!('whole' in row)) return row.unmade ? { key: row.key, value: this.#name(row.value) } : row;
    this.#line(`if (!Array.isArray(${row.whole})) T.notPair(${row.whole});`);
    return { key: this.#name(`${row.whole}[0]`), value: this.#name(`${row.whole}[1]`) };
  }

  /** Calls function `fn` and makes sure that no promise goes on as a row. */
  #call(fn: number, argument: string, element: string): string {
    this.#line(`element = ${element};`);
    const result = this.#name(`f${fn}(${argument})`);
    this.#line(
      `if (typeof ${result} === 'object' && ${result} !== null && typeof ${result}.then === 'function') T.thenable(${fn}, ${result});`,
    );
    return result;
  }

  /** What has passed since the clock was read last is the time of this part: 0 the head, then operators, then the sink. */
  #charge(part: number): void {
    if (this.#timed) this.#line(charge(part));
  }

  /** Goes on with the next row unless `condition` holds; finding out is the work of operator `index`. */
  #unless(condition: string, index: number): void {
    if (!this.#timed) {
      this.#line(`if (!(${condition})) continue;`);
      return;
    }
    const holds = this.#name(condition);
    this.#charge(index + 1);
    this.#line(`if (!${holds}) continue;`);
  }

  #tally(step: LoopStep): void {
    this.tallies.push(`C[${step.slot}] += ${this.#level};`);
  }

  /** From here on rows are fewer or more than before: a new counter. */
  #count(step: LoopStep): void {
    this.#level = `n${this.counters.length}`;
    this.counters.push(this.#level);
    this.#line(`${this.#level}++;`);
    this.#tally(step);
  }

  step(index: number, row: Row): void {
    const step = this.#steps[index];
    if (step === undefined) {
      if (this.#sink.uses === 'nothing') this.#line(this.#sink.row(''));
      else if (this.#sink.uses === 'pair') this.#line(this.#sink.pair(this.#pair(row)));
      else this.#line(this.#sink.row(this.#whole(row)));
      this.#charge(index + 1);
      return;
    }
    const next = (result: Row) => {
      if (step.op.kind !== 'concat') this.#charge(index + 1);
      this.#tally(step);
      this.step(index + 1, result);
    };
    switch (step.op.kind) {
      case 'concat':
        next(row);
        return;
      case 'map': {
        const x = this.#whole(row);
        next({ whole: this.#call(step.fn, x, x) });
        return;
      }
      case 'mapValues': {
        const { key, value } = this.#pair(row);
        next({ key, value: this.#call(step.fn, value, value) });
        return;
      }
      case 'keyBy': {
        const value = this.#whole(row);
        next({ key: this.#call(step.fn, value, value), value });
        return;
      }
      case 'keys':
        next({ whole: this.#pair(row).key });
        return;
      case 'values':
        next({ whole: this.#pair(row).value });
        return;
      case 'zipWithIndex':
        next({ key: this.#whole(row), value: this.#name(`G[${index}].next++`) });
        return;
      case 'filter': {
        const x = this.#whole(row);
        this.#line(`element = ${x};`);
        const keep = this.#name(`f${step.fn}(${x})`);
        this.#charge(index + 1);
        this.#line(`if (${keep} !== true) {`);
        this.#line(`if (!${keep}) continue;`);
        this.#line(
          `if (typeof ${keep} === 'object' && typeof ${keep}.then === 'function') T.thenable(${step.fn}, ${keep});`,
        );
        this.#line('}');
        this.#count(step);
        this.step(index + 1, { whole: x });
        return;
      }
      case 'filterKey': {
        const pair = this.#pair(row);
        this.#unless(`G[${index}].matches(${pair.key})`, index);
        this.#count(step);
        this.step(index + 1, 'whole' in row ? row : pair);
        return;
      }
      case 'sample': {
        const x = this.#whole(row);
        if (!step.op.withReplacement) {
          this.#unless(`G[${index}].next() < ${Number(step.op.fraction)}`, index);
          this.#count(step);
          this.step(index + 1, { whole: x });
          return;
        }
        const copies = `c${this.#names++}`;
        this.#line(
          `for (let ${copies} = G[${index}].poisson(${Number(step.op.fraction)}); ${copies} > 0; ${copies}--) {`,
        );
        this.#charge(index + 1);
        this.#count(step);
        this.#around.push({
          step: index + 1,
          element: x,
          iterator: 'undefined',
          items: `Array(${copies} - 1).fill(${x})`,
        });
        this.step(index + 1, { whole: x });
        this.#around.pop();
        this.#line('}');
        return;
      }
      case 'flatMap': {
        const x = this.#whole(row);
        this.#spread(index, step, x, (item) => ({ whole: item }));
        return;
      }
      case 'flatMapValues': {
        const { key, value } = this.#pair(row);
        this.#spread(index, step, value, (item) => ({ key, value: item }));
        return;
      }
      default:
        step.op satisfies never;
    }
  }

  /**
   * Arrays by index. Other iterables are rare: they go item by item through a loop of the operators that follow,
   * so that the text grows by one copy per operator and not by two for every flatMap inside a flatMap.
   */
  #spread(index: number, step: LoopStep, element: string, toRow: (item: string) => Row): void {
    if (this.#sink.leaves) {
      this.#spreadOrLeave(index, step, element, toRow);
      return;
    }
    this.#line(`element = ${element};`);
    const items = this.#name(`f${step.fn}(${element})`);
    this.#charge(index + 1);
    const item = `x${this.#names++}`;
    if (step.generator) {
      this.#line(`T.iterable(${items}, ${step.fn});`);
      this.#line(`for (const ${item} of ${items}) {`);
      this.#line('if (--budget < 0) budget = T.check();');
      // A generator works when it is asked for the next item.
      this.#charge(index + 1);
      this.#count(step);
      this.step(index + 1, toRow(item));
      this.#line('}');
      return;
    }
    const at = `x${this.#names++}`;
    this.#line(`if (Array.isArray(${items})) {`);
    this.#line(`for (let ${at} = 0; ${at} < ${items}.length; ${at}++) {`);
    this.#line('if (--budget < 0) budget = T.check();');
    this.#line(`const ${item} = ${items}[${at}];`);
    this.#count(step);
    this.step(index + 1, toRow(item));
    this.#line('}');
    this.#line('} else {');
    const outer = toRow(item);
    this.#line(this.#sink.store);
    this.#line(`T.iterable(${items}, ${step.fn});`);
    this.#line(`const rest${index} = R(${index + 1});`);
    this.#line(`for (const ${item} of ${items}) {`);
    this.#line(`C[${step.slot}]++;`);
    this.#charge(index + 1);
    this.#line(`if (rest${index}(0, 1, [${wholeRow(outer)}])) return true;`);
    if (this.#timed) this.#line('t = now();');
    this.#line('}');
    this.#line(this.#sink.load);
    this.#line('}');
  }

  #makesRows(from: number): boolean {
    const making = new Set(['map', 'mapValues', 'keyBy', 'flatMap', 'flatMapValues']);
    return this.#steps.slice(from).some(({ op }) => making.has(op.kind));
  }

  /** Where the sink knows how to go on: only as far as it wants rows. */
  #spreadOrLeave(index: number, step: LoopStep, element: string, toRow: (item: string) => Row): void {
    this.#line(`element = ${element};`);
    const given = this.#name(`f${step.fn}(${element})`);
    this.#charge(index + 1);
    if (step.generator) this.opened.push(opened(index));
    const [at, item] = [0, 1].map(() => `x${this.#names++}`) as [string, string];
    const row = toRow(item);
    const rest = { step: index + 1, element, ...('key' in row ? { key: row.key } : {}) };
    const asked = this.#timed ? charge(index + 1) : '';
    const spread = {
      index,
      fn: step.fn,
      given,
      at,
      item,
      rest,
      around: this.#around,
      grows: this.#makesRows(index + 1),
      asked,
    };
    const head = step.generator ? askingHead(spread) : arrayHead(spread);
    this.#line(head.text);
    this.#count(step);
    this.#around.push(head.remainder);
    this.step(index + 1, row);
    this.#around.pop();
    this.#line('}');
  }
}

const charge = (part: number) => `u = now(); Z[${2 * part}] += u - t; Z[${2 * part + 1}]++; t = u;`;

/**
 * The body of a function (T, F, S, G, R, Z) → loop. `label` must be unique: V8 shares feedback between equal texts.
 * `timed`: the twin that reads a clock.
 */
export function loopText(
  label: string,
  headKind: LoopHead,
  steps: LoopStep[],
  sink: LoopSink,
  timed = false,
): string {
  const head = headText(headKind);
  const writer = new LoopWriter(head, steps, sink, timed);
  writer.step(0, head.row);
  // Behind the sink: twice in a row, which tells what reading the clock takes.
  const open = timed ? `${head.open}\n${charge(0)}\n${charge(steps.length + 2)}` : head.open;
  const functions = [...new Set([...steps.map((step) => step.fn), sink.fn])].filter((fn) => fn >= 0);
  // `| 0` tells the compiler that it counts in small integers: a tenth of the time of a loop of cheap functions.
  const counters = ['i = from | 0', ...writer.counters.map((name) => `${name} = 0`)].join(', ');
  const opened = writer.opened.toReversed().join(', ');
  return `'use strict'; // ${label}
const C = T.rows${timed ? ', now = T.clock.loopTime' : ''};
${functions.map((fn) => `const f${fn} = F[${fn}];`).join('\n')}
return function loop(from, to, ${head.parameters}) {
${head.declare}
${opened === '' ? '' : `let ${opened};\n`}let element, budget = T.budget, ${counters};
${sink.declare}
${sink.load}
${timed ? 'let u, t = now();\n' : ''}try {
while (i < to) {
if (--budget < 0) budget = T.check();
${open}
${writer.text}
${head.close}
}
return false;
} catch (error) {
T.failedAt(error, element);
${opened === '' ? '' : `T.close([${opened}]);\n`}throw error;
} finally {
T.budget = budget;
${head.tally}
${writer.tallies.join('\n')}
${sink.store}
}
};
//# sourceURL=stagelight:${label}
`;
}
