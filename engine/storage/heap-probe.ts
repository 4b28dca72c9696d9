/**
 * Asks V8 how it keeps a value where no estimate can tell: a record as a table of its own or by a hidden class that
 * others share (41 against 9 bytes a field), an array as a table of its items or with a place for every position, a text in
 * one piece or as a tree of the pieces it was joined from (32 bytes and more for each `+`). An engine that does not answer
 * leaves the usual case.
 *
 * Nothing visible tells them apart: of one list of 64 names a record made at once takes 554 bytes, set one by one 3,160, so
 * that no rule comes within twice of both; putting every text in one piece unasked costs 7 to 13 times what sampling does
 * (decision 125).
 */
import { types } from 'node:util';
import { setFlagsFromString } from 'node:v8';

type Question<Value> = (value: Value) => boolean;

/** A call of V8's own, of a few nanoseconds; the syntax that names it is known while this is compiled, no longer. */
function compiled<Value>(call: string, usual: Question<Value>): Question<Value> {
  setFlagsFromString('--allow-natives-syntax');
  try {
    return new Function('value', `return %${call}(value);`) as Question<Value>;
  } catch {
    return usual;
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}

function probe<Value>(call: string, usual: Question<Value>): Question<Value> {
  let ask = compiled(call, usual);
  return (value) => {
    try {
      return ask(value);
    } catch {
      // Not called for some collections, its code was thrown away, and V8 cannot make it again without the syntax.
      ask = compiled(call, usual);
      return ask(value);
    }
  };
}

/** Beyond so many names V8 makes a table of most objects. */
const SHARED_NAMES = 128;

const hasFewNames = (value: object) => Object.keys(value).length <= SHARED_NAMES;
const hasFastProperties = probe('HasFastProperties', hasFewNames);

/** Whether an object's properties lie in an array, their names in a hidden class; else in a table with their names. */
export function hasHiddenClass(value: object): boolean {
  // Asked about a proxy V8 ends the process.
  return types.isProxy(value) ? hasFewNames(value) : hasFastProperties(value);
}

/** Of so many places of an array fewer than an eighth have items. */
const SAMPLED_PLACES = 64;

function hasFewItems(array: object): boolean {
  const { length } = array as unknown[];
  let items = 0;
  // Spread unevenly: items may lie at multiples of any number.
  for (let i = 1; i <= SAMPLED_PLACES; i++)
    if (Math.floor(((i * 0.6180339887) % 1) * length) in array) items++;
  return items < SAMPLED_PLACES / 8;
}

const hasDictionaryElements = probe('HasDictionaryElements', hasFewItems);

/** Whether an array's items lie in a table with their positions; else there is a place for every position. */
export function hasItemTable(array: readonly unknown[]): boolean {
  return !types.isProxy(array) && hasDictionaryElements(array);
}

/** Whether a text is in one piece, or a piece of one. */
export const isFlat: (text: string) => boolean = probe('StringIsFlat', () => true);
