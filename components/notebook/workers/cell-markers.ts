/** What TypeScript says about a cell as markers of the page, without what is no mistake in a notebook. */
import { ACCEPTED_DIAGNOSTICS, MODULE_NOT_FOUND } from '../../../engine/cell-chain.ts';
import type { CellMarker } from '../editor/type-protocol.ts';
import type { TsDiagnostic, TypeScriptApi } from './typescript-api.ts';

export function isFalseAlarm(
  { start, length, code }: TsDiagnostic,
  source: string,
  missing: ReadonlySet<string>,
): boolean {
  if (start === undefined || start > source.length || (start === source.length && source !== '')) return true;
  if (MODULE_NOT_FOUND.has(code)) {
    const specifier = source.slice(start, start + (length ?? 0)).replace(/^['"`]|['"`]$/g, '');
    return !missing.has(specifier);
  }
  return ACCEPTED_DIAGNOSTICS.has(code);
}

export function cellMarker(ts: TypeScriptApi, diagnostic: TsDiagnostic, source: string): CellMarker {
  const { start = 0, length = 1, code, category, messageText } = diagnostic;
  const from = Math.min(start, source.length);
  return {
    start: from,
    end: Math.min(from + length, source.length),
    code,
    message: ts.flattenDiagnosticMessageText(messageText, '\n'),
    isError: category === ts.DiagnosticCategory.Error,
    isDeprecated: diagnostic.reportsDeprecated !== undefined,
  };
}
