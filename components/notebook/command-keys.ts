/** Keys of commands: how they are written (`Mod+Shift+P`, `D D`), shown, and recognised in what is typed. */

/** `command`: a cell is selected; `edit`: its text is being edited; `any`: wherever the focus is on the page. */
export type KeyMode = 'command' | 'edit' | 'any';

export interface KeyBinding {
  mode: KeyMode;
  /** One chord, or two after each other (`D D`). `Mod` is Ctrl or ⌘. */
  keys: string;
  /** Handled where it belongs (by the editor, by a panel); it only stands in the list. */
  listed?: true;
}

export interface KeyStroke {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  timeStamp: number;
}

/** Two strokes of a double key count when less than this lies between them. */
const DOUBLE_MS = 600;

const NAMES: Record<string, string> = {
  ' ': 'Space',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  Escape: 'Esc',
  _: '-',
};

/** A stroke as a chord: modifiers in one order, letters upper case. Shift counts only where it does not make the sign. */
export function chordOf({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyStroke): string {
  const name = NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  const isSign = name.length === 1 && !/[\p{L}\p{N}-]/u.test(name);
  const modifiers = [
    (ctrlKey || metaKey) && 'Mod',
    altKey && 'Alt',
    shiftKey && (!isSign || ctrlKey || metaKey) && 'Shift',
  ];
  return [...modifiers.filter(Boolean), name].join('+');
}

/** Recognises bindings stroke by stroke. */
export class KeyMatcher<Command> {
  readonly #bindings: { mode: KeyMode; chords: string[]; command: Command }[] = [];
  #before: { chord: string; at: number } | undefined;

  constructor(commands: Iterable<readonly [KeyBinding, Command]>) {
    for (const [{ mode, keys, listed }, command] of commands)
      if (!listed) this.#bindings.push({ mode, chords: keys.split(' '), command });
  }

  /** The command that this stroke completes in this mode, if any. */
  match(stroke: KeyStroke, mode: KeyMode): Command | undefined {
    const chord = chordOf(stroke);
    const before = this.#before;
    this.#before = undefined;
    const inMode = this.#bindings.filter((each) => each.mode === 'any' || each.mode === mode);
    const single = inMode.find(({ chords }) => chords.length === 1 && chords[0] === chord);
    if (single) return single.command;
    const isSecond = before !== undefined && stroke.timeStamp - before.at < DOUBLE_MS;
    const double = inMode.find(
      ({ chords }) => isSecond && chords.length === 2 && chords[0] === before.chord && chords[1] === chord,
    );
    if (double) return double.command;
    if (inMode.some(({ chords }) => chords.length === 2 && chords[0] === chord))
      this.#before = { chord, at: stroke.timeStamp };
    return undefined;
  }
}

const SHOWN: Record<string, string> = { Up: '↑', Down: '↓', Left: '←', Right: '→', Enter: 'Enter' };

/** As people write them: `Ctrl + Shift + P`, on a Mac `⌘ + ⇧ + P`. */
export function keysText(keys: string, mac: boolean): string {
  const names = mac ? { Mod: '⌘', Shift: '⇧', Alt: '⌥' } : { Mod: 'Ctrl', Shift: 'Shift', Alt: 'Alt' };
  const part = (each: string) => (names as Record<string, string>)[each] ?? SHOWN[each] ?? each;
  return keys
    .split(' ')
    .map((chord) =>
      chord
        .split(/\+(?=.)/)
        .map(part)
        .join(' + '),
    )
    .join(' ');
}

export function isMac(): boolean {
  return typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
}
