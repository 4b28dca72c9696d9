/**
 * Asks V8 how it keeps a value where no estimate can tell: a record as a table of its own or by a hidden class that
 * others share (41 against 9 bytes a field), a text in one piece or as a tree of the pieces it was joined from (32 bytes
 * and more for each `+`). An engine that does not answer leaves the usual case.
 */
import { setFlagsFromString } from 'node:v8';

type Probe = (value: unknown) => boolean;

/** Both calls are V8's own and take a few nanoseconds; the syntax that names them is known while this is compiled, no longer. */
function probe(call: string, usual: Probe): Probe {
  setFlagsFromString('--allow-natives-syntax');
  try {
    return new Function('value', `return %${call}(value);`) as Probe;
  } catch {
    return usual;
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}

/** Beyond so many names V8 makes a table of most objects. */
const SHARED_NAMES = 128;

/** Whether an object's properties lie in an array, their names in a hidden class; else in a table with their names. */
export const hasHiddenClass: (value: object) => boolean = probe(
  'HasFastProperties',
  (value) => Object.keys(value as object).length <= SHARED_NAMES,
);

/** Whether a text is in one piece, or a piece of one. */
export const isFlat: (text: string) => boolean = probe('StringIsFlat', () => true);
