/** The user's own call that led here, for operators and actions to remember. */
import type { CallSite } from '../protocol.ts';
import { scriptPositions } from './script-positions.ts';
import { userPosition } from './stack-frames.ts';

const DEPTH = 16;

function structuredStack(): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: NodeJS.CallSite[] } = {};
  try {
    Error.prepareStackTrace = (_, frames) => frames;
    Error.stackTraceLimit = DEPTH;
    Error.captureStackTrace(holder, callSiteFromStack);
    return holder.stack ?? [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The call in the innermost frame of user code; undefined when no user code is on the stack. */
export function callSiteFromStack(): CallSite | undefined {
  let callee = '';
  for (const frame of structuredStack()) {
    const script = frame.getScriptNameOrSourceURL();
    const line = frame.getLineNumber();
    const column = frame.getColumnNumber();
    if (script && line !== null && column !== null) {
      const known = scriptPositions(script)?.callSite({ line, column });
      if (known) return known;
      const position = userPosition(script, line, column);
      if (position) {
        const name = callee || 'call';
        return { ...position, endLine: position.line, endColumn: position.column + name.length, name };
      }
    }
    callee = frame.getMethodName() ?? frame.getFunctionName() ?? callee;
  }
  return undefined;
}
