'use client';
/** Makes one auto-height Monaco editor with the notebook's keys, for whichever cell its slot holds. */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import { travelInText } from './cell-models.ts';
import { rememberCursor } from './cells/cell-cursors.ts';
import { cellIdOf } from './editor/cell-uri.ts';
import {
  CODE_PADDING,
  FONT_SIZE,
  LINE_DECORATIONS,
  LINE_HEIGHT,
  NUMBER_DIGITS,
  shownHeight,
} from './editor/editor-metrics.ts';
import { addTabKeys } from './editor/tab-keys.ts';
import type { Monaco } from './monaco.ts';

export interface EditorHandlers {
  /** The accessible name of the text box. */
  label: string;
  onFocus: () => void;
  onBlur: () => void;
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
  // What Shift+Tab explains; what the pointer happens to stand on is no reason to stay.
  'tabExplained',
]
  .map((key) => `!${key}`)
  .join(' && ');

/** Most editors are as high as their text; a wheel over them is the page's. */
function scrollbarOf(scrolled: boolean): MonacoApi.IEditorScrollbarOptions {
  return {
    vertical: scrolled ? 'auto' : 'hidden',
    verticalScrollbarSize: 10,
    horizontalScrollbarSize: 8,
    alwaysConsumeMouseWheel: false,
    ignoreHorizontalScrollbarInContentHeight: true,
  };
}

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
    scrollbar: scrollbarOf(false),
    overviewRulerLanes: 0,
    overviewRulerBorder: false,
    hideCursorInOverviewRuler: true,
    renderLineHighlight: 'line',
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
  let scrolled = false;
  slot.fit = () => {
    const height = editor.getContentHeight();
    const shown = shownHeight(height);
    host.style.height = `${shown}px`;
    if (shown < height !== scrolled) {
      scrolled = !scrolled;
      editor.updateOptions({ scrollbar: scrollbarOf(scrolled) });
    }
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
  editor.onDidFocusEditorText(() => slot.current?.current.onFocus());
  editor.onDidBlurEditorWidget(() => slot.current?.current.onBlur());
  addKeys(monaco, editor, slot);
  addTabKeys(monaco, editor);
  return editor;
}

function addKeys(monaco: Monaco, editor: Editor, slot: EditorSlot): void {
  const { KeyCode, KeyMod } = monaco;
  // Monaco has them on Windows and macOS alone; its own keys of other systems work too.
  for (const [arrow, command] of [
    [KeyCode.UpArrow, 'editor.action.insertCursorAbove'],
    [KeyCode.DownArrow, 'editor.action.insertCursorBelow'],
  ] as const) {
    editor.addAction({
      id: `cell.${command}`,
      label: '',
      keybindings: [KeyMod.CtrlCmd | KeyMod.Alt | arrow],
      run: () => editor.trigger('keyboard', command, undefined),
    });
  }
  // Monaco's own would take back what others wrote since.
  for (const [direction, keybindings] of [
    ['undo', [KeyMod.CtrlCmd | KeyCode.KeyZ]],
    ['redo', [KeyMod.CtrlCmd | KeyMod.Shift | KeyCode.KeyZ, KeyMod.CtrlCmd | KeyCode.KeyY]],
  ] as const) {
    editor.addAction({
      id: `cell.${direction}`,
      label: '',
      keybindings: [...keybindings],
      keybindingContext: 'editorTextFocus',
      run: () => {
        const model = editor.getModel();
        const cellId = model && cellIdOf(model.uri.toString());
        if (cellId) travelInText(cellId, direction);
      },
    });
  }
  editor.addAction({
    id: 'cell.commandMode',
    label: 'Leave the editor',
    keybindings: [KeyCode.Escape],
    keybindingContext: NOTHING_OPEN,
    run: () => slot.current?.current.onEscape(),
  });
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
