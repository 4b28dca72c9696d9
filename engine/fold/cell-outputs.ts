/** A cell's outputs within their caps: head and tail stay, the middle goes and is counted. */
import type { CellOutput, JsonNode } from '../protocol.ts';

export const MAX_OUTPUT_ITEMS = 500;
/** Characters of all outputs of one cell. */
export const MAX_OUTPUT_SIZE = 1_000_000;
const STREAM_HEAD = 128 * 1024;
const STREAM_TAIL = 128 * 1024;
/** A stream is cut only when it is twice what is kept, so that cutting costs little per character. */
const STREAM_LIMIT = 2 * (STREAM_HEAD + STREAM_TAIL);

/** The part of a cell view that holds outputs. */
export interface OutputHolder {
  outputs: CellOutput[];
  outputDropped: number;
  outputSize: number;
}

export function appendOutput(holder: OutputHolder, output: CellOutput): void {
  const { outputs } = holder;
  const last = outputs.at(-1);
  if (output.kind === 'stream' && last?.kind === 'stream' && last.stream === output.stream) {
    const merged = mergeStreams(last, output);
    holder.outputSize += merged.text.length - last.text.length;
    outputs[outputs.length - 1] = merged;
  } else {
    const fitting = fitOutput(output);
    if (replaceOutput(holder, fitting)) return;
    outputs.push(fitting);
    holder.outputSize += outputSize(fitting);
    // Streams and texts say themselves what they were cut by.
    if (fitting.kind !== 'stream' && output.kind !== 'text')
      holder.outputDropped += Math.max(0, outputSize(output) - outputSize(fitting));
  }
  if (outputs.length > MAX_OUTPUT_ITEMS) removeAt(holder, MAX_OUTPUT_ITEMS / 2);
  while (holder.outputSize > MAX_OUTPUT_SIZE && outputs.length > 1) removeAt(holder, firstOfTail(outputs));
}

/** A plot takes the place of the one with its key: it is updated, not shown again. */
function replaceOutput(holder: OutputHolder, output: CellOutput): boolean {
  if (output.kind !== 'plot') return false;
  const { outputs } = holder;
  const index = outputs.findIndex((other) => other.kind === 'plot' && other.key === output.key);
  if (index < 0) return false;
  holder.outputSize += outputSize(output) - outputSize(outputs[index]!);
  outputs[index] = output;
  return true;
}

/** Size in characters, near enough to bound memory. */
export function outputSize(output: CellOutput): number {
  switch (output.kind) {
    case 'stream':
    case 'text':
    case 'markdown':
      return output.text.length;
    case 'html':
      return output.html.length;
    case 'image':
      return output.base64.length;
    case 'plot':
      return plotSize(output);
    case 'json':
      return output.text.length + nodeSize(output.value);
    case 'error':
      return output.error.message.length + (output.error.stack?.length ?? 0) + 200;
    case 'table': {
      let size = output.columns.length * 200;
      for (const node of Object.values(output.nested ?? {})) size += 12 + nodeSize(node);
      for (const row of output.rows) {
        for (const value of row) size += typeof value === 'string' ? value.length + 3 : 8;
      }
      return size;
    }
    default:
      output satisfies never;
      return 0;
  }
}

function nodeSize(node: JsonNode): number {
  if (typeof node === 'string') return node.length + 2;
  if (typeof node !== 'object' || node === null) return 8;
  let size = 20 + (node.n?.length ?? 0);
  for (const [key, part] of node.c ?? []) size += key.length + 6 + nodeSize(part);
  return size;
}

function plotSize({ layers, columns }: Extract<CellOutput, { kind: 'plot' }>): number {
  let size = 1_000 + columns.length * 40;
  for (const { channels } of layers) {
    for (const { values } of Object.values(channels)) {
      for (const value of values) size += typeof value === 'string' ? value.length + 3 : 12;
    }
  }
  return size;
}

function cutMarker(dropped: number): string {
  return `\n… ${dropped} characters not shown …\n`;
}

function mergeStreams(
  last: CellOutput & { kind: 'stream' },
  next: CellOutput & { kind: 'stream' },
): CellOutput & { kind: 'stream' } {
  const text = last.text + next.text;
  const dropped = (last.dropped ?? 0) + (next.dropped ?? 0);
  const merged = { kind: 'stream', stream: last.stream, text } as const;
  if (text.length > STREAM_LIMIT) return cutStream(merged, dropped, last.dropped ?? 0);
  return dropped > 0 ? { ...merged, dropped } : merged;
}

/** `marked` is what an earlier cut's marker in this text says; 0 when it was never cut here. */
function cutStream(
  output: CellOutput & { kind: 'stream' },
  dropped: number,
  marked: number,
): CellOutput & { kind: 'stream' } {
  const { text } = output;
  const marker = marked > 0 && text.startsWith(cutMarker(marked), STREAM_HEAD) ? cutMarker(marked).length : 0;
  const total = dropped + text.length - marker - STREAM_HEAD - STREAM_TAIL;
  const kept = `${text.slice(0, STREAM_HEAD)}${cutMarker(total)}${text.slice(-STREAM_TAIL)}`;
  return { kind: 'stream', stream: output.stream, text: kept, dropped: total };
}

/** Makes one output fit alone; producers bound theirs, but a log can come from anywhere. */
function fitOutput(output: CellOutput): CellOutput {
  if (output.kind === 'stream') {
    return output.text.length > STREAM_LIMIT ? cutStream(output, output.dropped ?? 0, 0) : output;
  }
  const size = outputSize(output);
  if (size <= MAX_OUTPUT_SIZE) return output;
  switch (output.kind) {
    case 'text': {
      const shown = MAX_OUTPUT_SIZE / 2;
      const total = output.truncated?.total ?? output.text.length;
      return {
        kind: 'text',
        text: output.text.slice(0, shown),
        truncated: { shown, total, unit: 'characters' },
      };
    }
    case 'table': {
      const rows = output.rows.slice(0, Math.floor((output.rows.length * MAX_OUTPUT_SIZE) / (2 * size)));
      const { nested: _trees, ...table } = output;
      return { ...table, rows, total: output.total ?? output.rows.length };
    }
    case 'error': {
      const { message, stack } = output.error;
      const error = { ...output.error, message: message.slice(0, 10_000) };
      if (stack !== undefined) error.stack = stack.slice(0, 10_000);
      return { ...output, error };
    }
    case 'html':
    case 'markdown':
    case 'image':
    case 'plot':
    case 'json':
      return { kind: 'text', text: `${output.kind} output of ${size} characters is too large to show` };
    default:
      output satisfies never;
      return output;
  }
}

/** The head is what came first and fills at most a quarter; the last output always stays. */
function firstOfTail(outputs: CellOutput[]): number {
  let size = 0;
  for (let i = 0; i < outputs.length - 1; i++) {
    size += outputSize(outputs[i] as CellOutput);
    if (size > MAX_OUTPUT_SIZE / 4) return i;
  }
  return outputs.length - 2;
}

function removeAt(holder: OutputHolder, index: number): void {
  const [removed] = holder.outputs.splice(index, 1);
  if (!removed) return;
  holder.outputSize -= outputSize(removed);
  holder.outputDropped += outputSize(removed);
}

/** Outputs cut down to `size` characters, for snapshots of notebooks that hold very much. */
export function trimOutputs(holder: OutputHolder, size: number): OutputHolder {
  if (holder.outputSize <= size) return holder;
  const trimmed: OutputHolder = { ...holder, outputs: [...holder.outputs] };
  while (trimmed.outputSize > size && trimmed.outputs.length > 1)
    removeAt(trimmed, trimmed.outputs.length >> 1);
  return trimmed;
}
