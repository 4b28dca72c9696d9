/** Formats code cells by TypeScript's formatter, each as one step that text undo takes back. */
import { cellUri } from './cell-uri.ts';
import type { EditorRoom } from './editor-room.tsx';

const OPTIONS = {
  convertTabsToSpaces: true,
  tabSize: 2,
  indentSize: 2,
  indentStyle: 2,
  newLineCharacter: '\n',
  insertSpaceAfterCommaDelimiter: true,
  insertSpaceAfterSemicolonInForStatements: true,
  insertSpaceBeforeAndAfterBinaryOperators: true,
  insertSpaceAfterKeywordsInControlFlowStatements: true,
  insertSpaceAfterFunctionKeywordForAnonymousFunctions: true,
  insertSpaceAfterOpeningAndBeforeClosingNonemptyBraces: true,
  placeOpenBraceOnNewLineForFunctions: false,
  placeOpenBraceOnNewLineForControlBlocks: false,
};

export async function formatCells({ models, types }: EditorRoom, cellIds: readonly string[]): Promise<void> {
  const service = await types.service();
  for (const cellId of cellIds) {
    const model = models.get(cellId);
    if (model?.getLanguageId() !== 'typescript') continue;
    const version = model.getVersionId();
    const edits = await service.getFormattingEditsForDocument(cellUri(cellId), OPTIONS);
    if (model.isDisposed() || model.getVersionId() !== version || edits.length === 0) continue;
    model.pushStackElement();
    model.pushEditOperations(
      null,
      edits.map(({ span, newText }) => {
        const from = model.getPositionAt(span.start);
        const to = model.getPositionAt(span.start + span.length);
        return {
          range: {
            startLineNumber: from.lineNumber,
            startColumn: from.column,
            endLineNumber: to.lineNumber,
            endColumn: to.column,
          },
          text: newText,
        };
      }),
      () => null,
    );
    model.pushStackElement();
  }
}
