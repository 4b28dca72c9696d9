'use client';
/** Makes one auto-height Monaco editor with the notebook's keys, for whichever cell its slot holds. */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import { rememberCursor } from './cells/cell-cursors.ts';
import { cellIdOf } from './editor/cell-uri.ts';
import {
  CODE_PADDING,
  FONT_SIZE,
  LINE_DECORATIONS,
  LINE_HEIGHT,
  NUMBER_DIGITS,
} from './editor/editor-metrics.ts';
import type { Monaco } from './monaco.ts';

export interface EditorHandlers {
  /** The accessible name of the text box. */
  label: string;
  onFocus: () => void;
  onBlur: () => void;
  onRun: () => void;
  onRunAndAdvance: () => void;
  onRunAndInsert: () => void;
  onSplit: () => void;
  onEscape: () => void;
  /** The cursor leaves the text upwards (−1) or downwards (1). */
  onLeave: (offset: -1 | 1) => void;
}

/** Where the handlers of the cell lie that an editor shows now. */
export interface EditorSlot {
  current: { current: EditorHandlers } | undefined;
  /** Makes the editor as high as its text. */
  fit: () => void;
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

export function createEditor(monaco: Monaco, host: HTMLElement, slot: EditorSlot): Editor {
  const font = getComputedStyle(host.ownerDocument.documentElement).getPropertyValue('--font-geist-mono');
  const editor = monaco.editor.create(host, {
    model: null,
    automaticLayout: true,
    fontFamily: `${font || 'monospace'}, ui-monospace, monospace`,
    fontSize: FONT_SIZE,
    lineHeight: LINE_HEIGHT,
    fontLigatures: false,
    lineNumbers: 'off',
    glyphMargin: true,
    folding: true,
    showFoldingControls: 'mouseover',
    lineDecorationsWidth: LINE_DECORATIONS,
    lineNumbersMinChars: NUMBER_DIGITS,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    scrollbar: {
      vertical: 'hidden',
      horizontalScrollbarSize: 8,
      alwaysConsumeMouseWheel: false,
      ignoreHorizontalScrollbarInContentHeight: true,
    },
    overviewRulerLanes: 0,
    overviewRulerBorder: false,
    hideCursorInOverviewRuler: true,
    renderLineHighlight: 'none',
    renderLineHighlightOnlyWhenFocus: true,
    guides: { indentation: false },
    bracketPairColorization: { enabled: false },
    occurrencesHighlight: 'off',
    stickyScroll: { enabled: false },
    padding: { top: CODE_PADDING, bottom: CODE_PADDING },
    fixedOverflowWidgets: true,
    contextmenu: true,
    tabSize: 2,
    unicodeHighlight: { ambiguousCharacters: false },
  });
  slot.fit = () => {
    host.style.height = `${editor.getContentHeight()}px`;
    editor.layout();
  };
  editor.onDidContentSizeChange(() => {
    if (slot.current) slot.fit();
  });
  // Geist Mono may arrive after the first measuring.
  void document.fonts.ready.then(() => monaco.editor.remeasureFonts());
  editor.onDidChangeCursorPosition(({ position }) => {
    const model = editor.getModel();
    const cellId = model && cellIdOf(model.uri.toString());
    if (cellId) rememberCursor(cellId, model.getOffsetAt(position));
  });
  editor.onDidFocusEditorText(() => {
    editor.updateOptions({ renderLineHighlight: 'line' });
    slot.current?.current.onFocus();
  });
  editor.onDidBlurEditorText(() => editor.updateOptions({ renderLineHighlight: 'none' }));
  editor.onDidBlurEditorWidget(() => slot.current?.current.onBlur());
  addKeys(monaco, editor, slot);
  return editor;
}

function addKeys(monaco: Monaco, editor: Editor, slot: EditorSlot): void {
  const { KeyCode, KeyMod } = monaco;
  const action = (id: string, title: string, keybinding: number, run: () => void, context?: string) =>
    editor.addAction({ id, label: title, keybindings: [keybinding], keybindingContext: context, run });
  action('cell.runAndAdvance', 'Run cell and select the next', KeyMod.Shift | KeyCode.Enter, () =>
    slot.current?.current.onRunAndAdvance(),
  );
  action('cell.runAndInsert', 'Run cell and insert one below', KeyMod.Alt | KeyCode.Enter, () =>
    slot.current?.current.onRunAndInsert(),
  );
  action('cell.split', 'Split cell at the cursor', KeyMod.CtrlCmd | KeyMod.Shift | KeyCode.Minus, () =>
    slot.current?.current.onSplit(),
  );
  action('cell.run', 'Run cell', KeyMod.CtrlCmd | KeyCode.Enter, () => slot.current?.current.onRun());
  action(
    'cell.commandMode',
    'Leave the editor',
    KeyCode.Escape,
    () => slot.current?.current.onEscape(),
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
    slot.current?.current.onLeave(leave);
  });
}

const host = (editor: Editor) => editor.getDomNode()?.ownerDocument.body;
