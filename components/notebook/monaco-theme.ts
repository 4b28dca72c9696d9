/** Monaco's colours, read from the design tokens. */
import type { Monaco } from './monaco.ts';

export function editorTheme(theme: 'light' | 'dark'): string {
  return `stagelight-${theme}`;
}

/** Minified style sheets shorten `#ffffff` to `#fff`, which Monaco refuses. */
function sixDigits(color: string): string {
  return /^#[0-9a-f]{3}$/i.test(color)
    ? `#${[...color.slice(1)].map((digit) => digit + digit).join('')}`
    : color;
}

/** Tokens of a theme are read from an element that carries it, whichever theme the page shows. */
function readTokens(theme: 'light' | 'dark'): (name: string) => string {
  const probe = document.createElement('div');
  probe.dataset.theme = theme;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const names = [
    'surface',
    'raised',
    'line',
    'line-strong',
    'ink',
    'ink-2',
    'ink-3',
    'accent',
    'focus',
    'bad',
    'hover',
    'code-keyword',
    'code-string',
    'code-number',
    'code-function',
    'code-comment',
    'code-type',
    'code-selection',
    'code-line',
  ];
  const values = new Map(names.map((name) => [name, sixDigits(style.getPropertyValue(`--${name}`).trim())]));
  probe.remove();
  return (name) => values.get(name) || '#808080';
}

export function defineThemes(monaco: Monaco): void {
  for (const theme of ['light', 'dark'] as const) {
    const token = readTokens(theme);
    const rule = (scope: string, name: string, fontStyle?: string) => ({
      token: scope,
      foreground: token(name).slice(1),
      ...(fontStyle && { fontStyle }),
    });
    monaco.editor.defineTheme(editorTheme(theme), {
      base: theme === 'dark' ? 'vs-dark' : 'vs',
      inherit: true,
      rules: [
        rule('', 'ink'),
        rule('keyword', 'code-keyword'),
        rule('string', 'code-string'),
        rule('regexp', 'code-string'),
        rule('string.escape', 'code-number'),
        rule('number', 'code-number'),
        rule('comment', 'code-comment', 'italic'),
        rule('type', 'code-type'),
        rule('type.identifier', 'code-type'),
        rule('identifier', 'ink'),
        rule('delimiter', 'ink-2'),
        rule('strong', 'ink', 'bold'),
      ],
      colors: {
        'editor.background': token('surface'),
        'editor.foreground': token('ink'),
        'editor.lineHighlightBackground': token('code-line'),
        'editor.lineHighlightBorder': '#00000000',
        'editor.selectionBackground': token('code-selection'),
        'editor.inactiveSelectionBackground': `${token('code-selection')}80`,
        'editorCursor.foreground': token('accent'),
        'editorLineNumber.foreground': token('ink-3'),
        'editorLineNumber.activeForeground': token('ink'),
        'editorGutter.background': token('surface'),
        'editorIndentGuide.background1': token('line'),
        'editorIndentGuide.activeBackground1': token('line-strong'),
        'editorBracketMatch.background': token('hover'),
        'editorBracketMatch.border': token('line-strong'),
        'editorBracketHighlight.foreground1': token('ink-2'),
        'editorBracketHighlight.foreground2': token('ink-2'),
        'editorBracketHighlight.foreground3': token('ink-2'),
        'editorError.foreground': token('bad'),
        'editorWidget.background': token('surface'),
        'editorWidget.border': token('line'),
        'editorSuggestWidget.foreground': token('ink'),
        'editorSuggestWidget.selectedBackground': token('hover'),
        'editorSuggestWidget.selectedForeground': token('ink'),
        'editorSuggestWidget.selectedIconForeground': token('ink'),
        'editorSuggestWidget.highlightForeground': token('accent'),
        'editorSuggestWidget.focusHighlightForeground': token('accent'),
        'list.hoverBackground': token('raised'),
        'editorHoverWidget.background': token('surface'),
        'editorHoverWidget.border': token('line'),
        'scrollbarSlider.background': `${token('line-strong')}66`,
        focusBorder: token('focus'),
      },
    });
  }
}
