/**
 * Asks V8 how it keeps a record, where no estimate can tell: as a table of its own or by a hidden class that others share
 * (41 against 9 bytes a field). An engine that does not answer leaves the usual case.
 */
import { types } from 'node:util';
import { setFlagsFromString } from 'node:v8';

/** Beyond so many names V8 makes a table of most objects. */
const SHARED_NAMES = 128;

type Question = (value: object) => boolean;

const usually: Question = (value) => Object.keys(value).length <= SHARED_NAMES;

/** The call takes a few nanoseconds; the syntax that names it is known while this is compiled, no longer. */
function compiled(): Question {
  setFlagsFromString('--allow-natives-syntax');
  try {
    return new Function('value', 'return %HasFastProperties(value);') as Question;
  } catch {
    return usually;
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}

let ask = compiled();

/** Whether an object's properties lie in an array, their names in a hidden class; else in a table with their names. */
export function hasHiddenClass(value: object): boolean {
  // Asked about one of these V8 ends the process.
  if (types.isProxy(value)) return usually(value);
  try {
    return ask(value);
  } catch {
    // Not called for some collections, its code was thrown away, and V8 cannot make it again without the syntax.
    ask = compiled();
    return ask(value);
  }
}
