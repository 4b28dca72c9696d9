'use client';
/** Makes one auto-height Monaco editor with the notebook's keys. */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import type { CellEditorProps } from './cell-editor.tsx';
import type { Monaco } from './monaco.ts';

export interface EditorKeys {
  onRun: () => void;
  onRunAndAdvance: () => void;
  onEscape: () => void;
  /** The cursor leaves the text upwards (−1) or downwards (1). */
  onLeave: (offset: -1 | 1) => void;
}

type Editor = MonacoApi.IStandaloneCodeEditor;

/** Escape first closes what Monaco has open. */
const NOTHING_OPEN = [
  'suggestWidgetVisible',
  'findWidgetVisible',
  'parameterHintsVisible',
  'renameInputVisible',
  'inSnippetMode',
  'editorHasMultipleSelections',
  'quickInputVisible',
  'markersNavigationVisible',
]
  .map((key) => `!${key}`)
  .join(' && ');

export function createEditor(
  monaco: Monaco,
  host: HTMLElement,
  latest: { current: CellEditorProps },
): Editor {
  const { value, language, label } = latest.current;
  const font = getComputedStyle(host.ownerDocument.documentElement).getPropertyValue('--font-geist-mono');
  const editor = monaco.editor.create(host, {
    value,
    language,
    ariaLabel: label,
    automaticLayout: true,
    fontFamily: `${font || 'monospace'}, ui-monospace, monospace`,
    fontSize: 13,
    lineHeight: 20,
    fontLigatures: false,
    lineNumbers: 'off',
    glyphMargin: false,
    folding: false,
    lineDecorationsWidth: 12,
    lineNumbersMinChars: 0,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    scrollbar: { vertical: 'hidden', horizontalScrollbarSize: 8, alwaysConsumeMouseWheel: false },
    overviewRulerLanes: 0,
    overviewRulerBorder: false,
    hideCursorInOverviewRuler: true,
    renderLineHighlight: 'none',
    renderLineHighlightOnlyWhenFocus: true,
    guides: { indentation: false },
    bracketPairColorization: { enabled: false },
    occurrencesHighlight: 'off',
    stickyScroll: { enabled: false },
    padding: { top: 8, bottom: 8 },
    wordWrap: language === 'markdown' ? 'on' : 'off',
    fixedOverflowWidgets: true,
    contextmenu: true,
    tabSize: 2,
    unicodeHighlight: { ambiguousCharacters: false },
  });
  const fitHeight = () => {
    host.style.height = `${editor.getContentHeight()}px`;
    editor.layout();
  };
  editor.onDidContentSizeChange(fitHeight);
  fitHeight();
  // Geist Mono may arrive after the first measuring.
  void document.fonts.ready.then(() => monaco.editor.remeasureFonts());
  editor.onDidChangeModelContent((event) => {
    if (!event.isFlush && !applying.has(editor)) latest.current.onChange(editor.getValue());
  });
  editor.onDidFocusEditorText(() => {
    editor.updateOptions({ renderLineHighlight: 'line' });
    latest.current.onFocus();
  });
  editor.onDidBlurEditorText(() => editor.updateOptions({ renderLineHighlight: 'none' }));
  addKeys(monaco, editor, latest);
  return editor;
}

function addKeys(monaco: Monaco, editor: Editor, latest: { current: CellEditorProps }): void {
  const { KeyCode, KeyMod } = monaco;
  const action = (id: string, title: string, keybinding: number, run: () => void, context?: string) =>
    editor.addAction({ id, label: title, keybindings: [keybinding], keybindingContext: context, run });
  action('cell.runAndAdvance', 'Run cell and select the next', KeyMod.Shift | KeyCode.Enter, () =>
    latest.current.onRunAndAdvance(),
  );
  action('cell.run', 'Run cell', KeyMod.CtrlCmd | KeyCode.Enter, () => latest.current.onRun());
  action(
    'cell.commandMode',
    'Leave the editor',
    KeyCode.Escape,
    () => latest.current.onEscape(),
    NOTHING_OPEN,
  );
  editor.onKeyDown((event) => {
    const { keyCode, ctrlKey, metaKey, shiftKey, altKey, browserEvent } = event;
    if (ctrlKey || metaKey || shiftKey || altKey || browserEvent.isComposing) return;
    const suggesting = host(editor)?.querySelector('.suggest-widget.visible');
    const position = editor.getPosition();
    const lines = editor.getModel()?.getLineCount() ?? 1;
    if (suggesting || !position || !editor.getSelection()?.isEmpty()) return;
    const leave =
      keyCode === KeyCode.UpArrow && position.lineNumber === 1
        ? -1
        : keyCode === KeyCode.DownArrow && position.lineNumber === lines
          ? 1
          : undefined;
    const atEdge =
      leave === -1 ? position.column === 1 : position.column === editor.getModel()?.getLineMaxColumn(lines);
    if (leave === undefined || !atEdge) return;
    event.preventDefault();
    event.stopPropagation();
    latest.current.onLeave(leave);
  });
}

const host = (editor: Editor) => editor.getDomNode()?.ownerDocument.body;

/** Editors that are being given a text from outside: the change they report is not the user's. */
const applying = new WeakSet<Editor>();

/** Brings an editor to a text that came from elsewhere, keeping cursor and undo where the text allows. */
export function applyText(editor: Editor, text: string): void {
  const model = editor.getModel();
  if (!model || model.getValue() === text) return;
  const before = model.getValue();
  let start = 0;
  const shorter = Math.min(before.length, text.length);
  while (start < shorter && before[start] === text[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === text.at(-1 - end)) end += 1;
  const from = model.getPositionAt(start);
  const to = model.getPositionAt(before.length - end);
  applying.add(editor);
  model.pushEditOperations(
    null,
    [
      {
        range: {
          startLineNumber: from.lineNumber,
          startColumn: from.column,
          endLineNumber: to.lineNumber,
          endColumn: to.column,
        },
        text: text.slice(start, text.length - end),
      },
    ],
    () => null,
  );
  applying.delete(editor);
}
