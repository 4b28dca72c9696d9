/** What the innermost line of a push loop does with a row, per action: text for the generated loop. */

export interface LoopSink {
  /** Locals of the loop. */
  declare: string;
  /** Copies the sink's state into them, and back: around everything else that may touch the sink. */
  load: string;
  store: string;
  /** Index of the sink's function, −1 when it has none. */
  fn: number;
  /** The loop may be left in the middle of what a function gave for a row: once S has S.most, for S to go on (pulled-path.ts). */
  leaves: boolean;
  /** What of a row it wants made. */
  uses: 'row' | 'pair' | 'nothing';
  row(x: string): string;
  pair(pair: { key: string; value: string }): string;
}

export type SinkKind =
  /** To S.rows, and no further than S.most out of a generator. */
  | { kind: 'collect' }
  /** To S.rows, and S.flush() whenever they are S.limit. */
  | { kind: 'result' }
  | { kind: 'count' }
  /** The same, until they are S.most. */
  | { kind: 'take' }
  | { kind: 'reduce'; fn: number }
  | { kind: 'aggregate'; fn: number }
  | { kind: 'foreach'; fn: number }
  | { kind: 'stats' }
  /** S.add(row) */
  | { kind: 'each' }
  /** S.write(key, value) */
  | { kind: 'pairs' };

const plain = {
  declare: '',
  load: '',
  store: '',
  fn: -1,
  leaves: false,
  uses: 'row' as LoopSink['uses'],
  row: () => '',
  pair: () => '',
};

function awaited(result: string, fn: number): string {
  return `if (typeof ${result} === 'object' && ${result} !== null && typeof ${result}.then === 'function') T.thenable(${fn}, ${result});`;
}

export function sinkText(sink: SinkKind): LoopSink {
  switch (sink.kind) {
    case 'collect':
      return {
        ...plain,
        leaves: true,
        declare: 'const out = S.rows, most = S.most;',
        row: (x) => `out.push(${x});`,
      };
    case 'result':
      return {
        ...plain,
        declare: 'const out = S.rows;',
        row: (x) => `if (out.push(${x}) >= S.limit) S.flush();`,
      };
    case 'count':
      return {
        ...plain,
        declare: 'let counted = 0;',
        store: 'S.count += counted; counted = 0;',
        uses: 'nothing',
        row: () => 'counted++;',
      };
    case 'take':
      return {
        ...plain,
        declare: 'const out = S.rows, most = S.most;',
        row: (x) =>
          `if (out.push(${x}) + S.count >= most) return true;
if (out.length >= S.limit) S.flush();`,
      };
    case 'reduce':
      return {
        ...plain,
        fn: sink.fn,
        declare: 'let has, accumulated;',
        load: 'has = S.has; accumulated = S.value;',
        store: 'S.has = has; S.value = accumulated;',
        row: (x) =>
          `if (has) { element = ${x}; const r = f${sink.fn}(accumulated, ${x}); ${awaited('r', sink.fn)} accumulated = r; }
else { has = true; accumulated = ${x}; }`,
      };
    case 'aggregate':
      return {
        ...plain,
        fn: sink.fn,
        declare: 'let accumulated;',
        load: 'accumulated = S.value;',
        store: 'S.value = accumulated;',
        row: (x) =>
          `element = ${x}; const r = f${sink.fn}(accumulated, ${x}); ${awaited('r', sink.fn)} accumulated = r;`,
      };
    case 'foreach':
      return {
        ...plain,
        fn: sink.fn,
        row: (x) => `element = ${x}; const r = f${sink.fn}(${x}); ${awaited('r', sink.fn)}`,
      };
    case 'stats':
      return {
        ...plain,
        declare: 'let n, mean, m2, min, max, sum;',
        load: 'n = S.n; mean = S.mean; m2 = S.m2; min = S.min; max = S.max; sum = S.sum;',
        store: 'S.n = n; S.mean = mean; S.m2 = m2; S.min = min; S.max = max; S.sum = sum;',
        row: (x) => `if (typeof ${x} !== 'number') { element = ${x}; T.notNumber(${x}); }
n++; const d = ${x} - mean; mean += d / n; m2 += d * (${x} - mean); sum += ${x};
if (${x} < min || ${x} !== ${x}) min = ${x};
if (${x} > max || ${x} !== ${x}) max = ${x};`,
      };
    case 'each':
      return { ...plain, row: (x) => `element = ${x}; S.add(${x});` };
    case 'pairs':
      return {
        ...plain,
        uses: 'pair',
        pair: ({ key, value }) => `element = ${key}; S.write(${key}, ${value});`,
      };
    default:
      return sink satisfies never;
  }
}
