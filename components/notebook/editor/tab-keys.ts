/** Tab and Shift+Tab as in Jupyter: behind a name they complete and explain it; elsewhere they indent and outdent. */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import type { Monaco } from '../monaco.ts';

type Editor = MonacoApi.IStandaloneCodeEditor;

/** What the two keys do where `before` stands left of the cursor on its line. */
export function tabMeaning(before: string): { completes: boolean; explains: boolean } {
  return { completes: /[\p{L}\p{N}_$.]$/u.test(before), explains: /\S/.test(before) };
}

const FREE =
  'editorTextFocus && !suggestWidgetVisible && !inSnippetMode && !editorHasSelection && !editorReadonly';

export function addTabKeys({ KeyCode, KeyMod }: Monaco, editor: Editor): void {
  const completes = editor.createContextKey<boolean>('tabCompletes', false);
  const explains = editor.createContextKey<boolean>('tabExplains', false);
  // The explanation stands open until the cursor moves or the next key, which closes it.
  const explained = editor.createContextKey<boolean>('tabExplained', false);
  const look = () => {
    explained.reset();
    const [model, position] = [editor.getModel(), editor.getPosition()];
    if (!model || !position) return;
    const meaning = tabMeaning(model.getLineContent(position.lineNumber).slice(0, position.column - 1));
    completes.set(meaning.completes);
    explains.set(meaning.explains);
  };
  editor.onDidChangeCursorPosition(look);
  editor.onDidChangeModel(look);
  editor.addAction({
    id: 'cell.tabComplete',
    label: 'Complete',
    keybindings: [KeyCode.Tab],
    keybindingContext: `${FREE} && tabCompletes`,
    run: () => editor.trigger('keyboard', 'editor.action.triggerSuggest', undefined),
  });
  editor.addAction({
    id: 'cell.tabExplain',
    label: 'Show the signature',
    keybindings: [KeyMod.Shift | KeyCode.Tab],
    keybindingContext: `${FREE} && tabExplains`,
    run: () => {
      editor.trigger('keyboard', 'editor.action.triggerParameterHints', undefined);
      editor.trigger('keyboard', 'editor.action.showHover', undefined);
      explained.set(true);
    },
  });
  editor.onDidBlurEditorText(() => explained.reset());
  editor.addAction({
    id: 'cell.closeExplanation',
    label: 'Close the explanation',
    keybindings: [KeyCode.Escape],
    keybindingContext: 'editorTextFocus && tabExplained && !parameterHintsVisible && !suggestWidgetVisible',
    run: () => {
      explained.reset();
      editor.trigger('keyboard', 'editor.action.hideHover', undefined);
    },
  });
}
