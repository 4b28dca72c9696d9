/** Replies and batches too large for one message, cut into texts that together are their JSON. */

/** Characters of one part; at three bytes each it stays under the 256 KB that no message may pass. */
const PART_CHARACTERS = 80_000;

/** The parts of a message's JSON, or undefined when it is no longer than one: it goes as it is. */
export function messageParts(message: object, maxCharacters = PART_CHARACTERS): string[] | undefined {
  return textParts(JSON.stringify(message), maxCharacters);
}

export function textParts(text: string, maxCharacters = PART_CHARACTERS): string[] | undefined {
  if (text.length <= maxCharacters) return undefined;
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + maxCharacters, text.length);
    // A pair of surrogates cut in two would not survive UTF-8.
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end -= 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}
