/** Recursion without an end, by a name: V8's word for it says nothing of what to do. */
import { errorFromData } from '../errors.ts';
import type { ErrorData } from '../protocol.ts';
import { withUserPosition } from './stack-frames.ts';

/** Whether it is one; then it has its code and a next step. */
export function nameOverflow(data: ErrorData): boolean {
  if (data.code !== 'USER' || data.name !== 'RangeError' || !/call stack size/.test(data.message))
    return false;
  data.code = 'STACK_OVERFLOW';
  data.hint =
    'A function calls itself without an end, or more often than the stack has room for: use a loop with a list of what is left to do.';
  return true;
}

/** What the functions of an action do in the driver with the results of its tasks. Fails as in a task. */
export async function inDriver<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const data = withUserPosition(error);
    throw nameOverflow(data) ? errorFromData(data) : error;
  }
}
