/** Finding and replacing in texts: the pattern of a query, its places, and what each becomes. */

export interface FindQuery {
  text: string;
  matchCase: boolean;
  wholeWord: boolean;
  regex: boolean;
}

export interface FoundText {
  start: number;
  end: number;
  /** The match and its groups, for a replacement that names them. */
  groups: (string | undefined)[];
  /** Groups that have names, by them. */
  named?: Record<string, string | undefined>;
}

/** More than so many matches in one text are not looked for. */
export const MAX_MATCHES = 10_000;

const WORD = '[\\p{L}\\p{N}_$]';

/** The pattern of a query; undefined when there is nothing to find, an error's text when it is no regular expression. */
export function findPattern({ text, matchCase, wholeWord, regex }: FindQuery): RegExp | string | undefined {
  if (text === '') return undefined;
  const plain = regex ? text : text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const source = wholeWord ? `(?<!${WORD})(?:${plain})(?!${WORD})` : plain;
  try {
    return new RegExp(source, matchCase ? 'gmu' : 'gimu');
  } catch (error) {
    return (error as Error).message.replace(
      /^Invalid regular expression: \/.*\/[a-z]*: /s,
      'no regular expression: ',
    );
  }
}

export function findMatches(text: string, pattern: RegExp, limit = MAX_MATCHES): FoundText[] {
  const found: FoundText[] = [];
  for (const match of text.matchAll(pattern)) {
    // A place without a character could not be shown.
    if (match[0] === '') continue;
    found.push({
      start: match.index,
      end: match.index + match[0].length,
      groups: [...match],
      ...(match.groups && { named: match.groups }),
    });
    if (found.length >= limit) break;
  }
  return found;
}

/** Whether a pattern finds places, but only such as have no character. */
export function findsOnlyPlaces(text: string, pattern: RegExp): boolean {
  let any = false;
  for (const match of text.matchAll(pattern)) {
    if (match[0] !== '') return false;
    any = true;
  }
  return any;
}

/**
 * What a match becomes. In a regular expression's replacement `$1`, `$<name>`, `$&`, `$$`, `\n` and `\t` have their
 * meaning; of two digits only the first counts where there are not so many groups, as in JavaScript.
 */
export function replacementOf(match: FoundText, template: string, regex: boolean): string {
  if (!regex) return template;
  const { groups, named } = match;
  const isGroup = (digits: string) => Number(digits) >= 1 && Number(digits) < groups.length;
  const pattern = /\$(?:(\$|&|\d{1,2})|<([^>]*)>)|\\([nt\\])/g;
  return template.replace(pattern, (whole, dollar?: string, name?: string, sign?: string) => {
    if (sign) return sign === 'n' ? '\n' : sign === 't' ? '\t' : '\\';
    if (name !== undefined) return named ? (named[name] ?? '') : whole;
    if (dollar === '$') return '$';
    if (dollar === '&') return groups[0] ?? '';
    const digits = dollar ?? '';
    if (isGroup(digits)) return groups[Number(digits)] ?? '';
    const first = digits.charAt(0);
    return isGroup(first) ? (groups[Number(first)] ?? '') + digits.slice(1) : whole;
  });
}
