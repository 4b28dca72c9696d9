/** One output as Jupyter's, and back. What nbformat cannot hold goes into an extra beside it. */
import type { PlotOutput } from '../plot-protocol.ts';
import type { CellOutput, ErrorData, JsonNode } from '../protocol.ts';
import {
  type JupyterOutput,
  joinText,
  type MimeBundle,
  type OutputExtra,
  PLOT_MIME,
  splitText,
} from './ipynb.ts';
import { exportTable, importTable, tableHtml } from './ipynb-tables.ts';
import { plotTables } from './plot-table.ts';
import { plotText } from './plot-text.ts';

export interface ExportedOutput {
  output: JupyterOutput;
  extra: OutputExtra;
}

const display = (data: MimeBundle, extra: OutputExtra = null): ExportedOutput => ({
  output: { output_type: 'display_data', data, metadata: {} },
  extra,
});

export function exportOutput(output: CellOutput): ExportedOutput {
  switch (output.kind) {
    case 'stream':
      return {
        output: { output_type: 'stream', name: output.stream, text: splitText(output.text) },
        extra: output.dropped ? { dropped: output.dropped } : null,
      };
    case 'text':
      return display(
        { 'text/plain': splitText(output.text) },
        output.truncated ? { truncated: output.truncated } : null,
      );
    case 'table':
      return display(...exportTable(output));
    case 'html':
      return display({ 'text/html': splitText(output.html), 'text/plain': ['<HTML>'] });
    case 'markdown':
      return display({ 'text/markdown': splitText(output.text), 'text/plain': splitText(output.text) });
    case 'image': {
      const plain = { 'text/plain': [`<${output.mime}>`] };
      if (output.mime !== 'image/svg+xml') return display({ [output.mime]: output.base64, ...plain });
      const text = utf8Of(output.base64);
      const same = base64Of(text) === output.base64;
      return display({ 'image/svg+xml': splitText(text), ...plain }, same ? null : { base64: output.base64 });
    }
    case 'json':
      return display({ 'text/plain': splitText(output.text) }, { value: output.value });
    case 'plot':
      return display({
        [PLOT_MIME]: output,
        'text/html': splitText(plotTables(output).map(tableHtml).join('\n')),
        'text/plain': [plotText(output)],
      });
    case 'error':
      return {
        output: {
          output_type: 'error',
          ename: output.error.name,
          evalue: output.error.message,
          traceback: traceback(output.error),
        },
        extra: { error: output.error },
      };
    default:
      return output satisfies never;
  }
}

function traceback({ name, message, hint, stack, frames, cause }: ErrorData): string[] {
  const at = frames?.map(
    (frame) => `    at ${frame.functionName ?? '<cell>'} (${frame.file}:${frame.line}:${frame.column})`,
  );
  const lines = stack?.split('\n') ?? [`${name}: ${message}`, ...(at ?? [])];
  return [...lines, ...(hint ? [hint] : []), ...(cause ? ['Caused by:', ...traceback(cause)] : [])];
}

const fieldsOf = (value: unknown): MimeBundle =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as MimeBundle) : {};

const IMAGES = ['image/svg+xml', 'image/png', 'image/jpeg'] as const;

const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** Undefined: nothing in it can be shown here. */
export function importOutput(output: JupyterOutput, extra: OutputExtra): CellOutput | undefined {
  switch (output.output_type) {
    case 'stream': {
      const stream = output.name === 'stderr' ? 'stderr' : 'stdout';
      const dropped = typeof extra?.['dropped'] === 'number' ? { dropped: extra['dropped'] } : {};
      return { kind: 'stream', stream, text: joinText(output.text), ...dropped };
    }
    case 'display_data':
    case 'execute_result':
      return importBundle(fieldsOf(output.data), extra);
    case 'error': {
      if (extra?.['error']) return { kind: 'error', error: extra['error'] as ErrorData };
      const lines = Array.isArray(output.traceback) ? output.traceback : [];
      const error: ErrorData = {
        code: 'USER',
        name: String(output.ename || 'Error'),
        message: String(output.evalue ?? ''),
        ...(lines.length > 0 ? { stack: lines.join('\n').replace(ANSI, '') } : {}),
      };
      return { kind: 'error', error };
    }
    default:
      output satisfies never;
      return undefined;
  }
}

/** The richest form that can be shown here, in the order Jupyter prefers. */
function importBundle(data: MimeBundle, extra: OutputExtra): CellOutput | undefined {
  if (PLOT_MIME in data) return data[PLOT_MIME] as PlotOutput;
  const table = importTable(data, extra);
  if (table) return table;
  if ('text/html' in data) return { kind: 'html', html: joinText(data['text/html']) };
  if ('text/markdown' in data) return { kind: 'markdown', text: joinText(data['text/markdown']) };
  for (const mime of IMAGES) {
    if (!(mime in data)) continue;
    const text = joinText(data[mime]);
    const svg = () => (typeof extra?.['base64'] === 'string' ? extra['base64'] : base64Of(text));
    return { kind: 'image', mime, base64: mime === 'image/svg+xml' ? svg() : text.replace(/\s+/g, '') };
  }
  if ('text/latex' in data) return { kind: 'text', text: joinText(data['text/latex']) };
  if ('application/json' in data)
    return { kind: 'text', text: JSON.stringify(data['application/json'], undefined, 2) };
  if (!('text/plain' in data)) return undefined;
  if (extra && 'value' in extra)
    return { kind: 'json', value: extra['value'] as JsonNode, text: joinText(data['text/plain']) };
  const truncated = extra?.['truncated'] as Extract<CellOutput, { kind: 'text' }>['truncated'];
  return { kind: 'text', text: joinText(data['text/plain']), ...(truncated ? { truncated } : {}) };
}

function utf8Of(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function base64Of(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
