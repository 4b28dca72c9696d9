/** A name at a caret: Monaco's decorations take a class and no text, so each name gets a class that says it. */

const classes = new Map<string, string>();
let sheet: CSSStyleSheet | undefined;

/** The text as a string of CSS. */
export function cssText(text: string): string {
  const escaped = [...text].map((sign) =>
    /[\p{L}\p{N} ]/u.test(sign) ? sign : `\\${sign.codePointAt(0)!.toString(16)} `,
  );
  return `"${escaped.join('')}"`;
}

/** The class of a flag with this name. */
export function peerFlag(name: string): string {
  const known = classes.get(name);
  if (known !== undefined) return known;
  const flag = `peer-flag-${classes.size}`;
  classes.set(name, flag);
  if (!sheet) {
    sheet = new CSSStyleSheet();
    document.adoptedStyleSheets.push(sheet);
  }
  sheet.insertRule(`.${flag}::after { content: ${cssText(name)}; }`, sheet.cssRules.length);
  return flag;
}
