/** Terminal colours by number and by value, kept legible on light and dark ground. Pure. */

/** The eight colours as tokens that are legible in both themes; bright ones are the same. */
const TOKENS = [
  'var(--ink-3)',
  'var(--bad)',
  'var(--ok)',
  'var(--accent)',
  'var(--code-function)',
  'var(--code-keyword)',
  'var(--code-type)',
  'var(--ink)',
];

const LEVELS = [0, 95, 135, 175, 215, 255];

/** A colour of the 256: the eight and their bright twins, a cube of 216, 24 greys. */
export function paletteColor(index: number): string | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined;
  if (index < 16) return TOKENS[index % 8];
  if (index >= 232) return rgb(8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10);
  const cube = index - 16;
  return rgb(LEVELS[Math.floor(cube / 36)]!, LEVELS[Math.floor(cube / 6) % 6]!, LEVELS[cube % 6]!);
}

export function trueColor(r: number, g: number, b: number): string | undefined {
  const valid = [r, g, b].every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return valid ? rgb(r, g, b) : undefined;
}

function rgb(r: number, g: number, b: number): string {
  return `rgb(${r} ${g} ${b})`;
}

/** Drawn towards the ink, so that a colour made for the other scheme can still be read. */
export function inkOf(color: string): string {
  return color.startsWith('var') ? color : `color-mix(in oklab, ${color} 65%, var(--ink))`;
}

/** Ground of a colour, faint enough for the ink that stands on it. */
export function groundOf(color: string): string {
  return `color-mix(in oklab, ${color} 28%, transparent)`;
}
