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
    return (error as Error).message.replace(/^Invalid regular expression: /, '');
  }
}

export function findMatches(text: string, pattern: RegExp, limit = MAX_MATCHES): FoundText[] {
  const found: FoundText[] = [];
  for (const match of text.matchAll(pattern)) {
    // A place without a character could not be shown.
    if (match[0] === '') continue;
    found.push({ start: match.index, end: match.index + match[0].length, groups: [...match] });
    if (found.length >= limit) break;
  }
  return found;
}

/** What a match becomes. In a regular expression's replacement `$1`, `$&`, `$$`, `\n` and `\t` have their meaning. */
export function replacementOf(match: FoundText, template: string, regex: boolean): string {
  if (!regex) return template;
  return template.replace(/\$(\$|&|\d{1,2})|\\([nt\\])/g, (whole, dollar?: string, sign?: string) => {
    if (sign) return sign === 'n' ? '\n' : sign === 't' ? '\t' : '\\';
    if (dollar === '$') return '$';
    if (dollar === '&') return match.groups[0] ?? '';
    const group = Number(dollar);
    return group >= 1 && group < match.groups.length ? (match.groups[group] ?? '') : whole;
  });
}
