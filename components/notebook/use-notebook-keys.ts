'use client';
/** The keyboard of the notebook page: strokes become commands of the registry. */
import { useCallback, useEffect, useMemo } from 'react';
import { useSession } from '../session/session-context.tsx';
import { KeyMatcher, type KeyMode } from './command-keys.ts';
import { COMMANDS, type CommandContext, type CommandEntry } from './commands.ts';
import { useEditorRoom } from './editor/editor-room.tsx';
import { useActions, useNotebookUi } from './notebook-context.tsx';
import { typeAhead } from './type-ahead.ts';

/** What runs a command on the cell that is selected then. */
export function useRunCommand(): (command: CommandEntry) => void {
  const actions = useActions();
  const session = useSession();
  const ui = useNotebookUi();
  const state = useEditorRoom();
  return useCallback(
    (command) => {
      const room = typeof state === 'object' ? state : undefined;
      const context: CommandContext = {
        actions,
        session,
        ui,
        room,
        cellId: ui.getState().selectedCellId ?? '',
      };
      command.run?.(context);
    },
    [actions, session, ui, state],
  );
}

/** Where a stroke lands: on a selected cell, in a cell's text, or elsewhere on the page. */
function modeOf(target: EventTarget | null): KeyMode {
  if (!(target instanceof HTMLElement)) return 'any';
  if (target.dataset['cellId'] !== undefined) return 'command';
  return target.closest('.cell-editor') ? 'edit' : 'any';
}

export function useNotebookKeys(): void {
  const run = useRunCommand();
  const session = useSession();
  const ui = useNotebookUi();
  const matcher = useMemo(
    () =>
      new KeyMatcher(
        COMMANDS.flatMap((command) => (command.keys ?? []).map((key) => [key, command] as const)),
      ),
    [],
  );
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // A dialog has its own keys, and a text half composed takes all of them.
      if (event.isComposing || ui.getState().dialog) return;
      const mode = modeOf(event.target);
      if (mode === 'command' && ui.getState().mode === 'edit' && typeAhead(session, ui, event)) {
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      const command = matcher.match(event, mode);
      if (!command) return;
      event.preventDefault();
      event.stopPropagation();
      run(command);
    };
    // Before the editor, which has other ideas about some of them.
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [matcher, run, session, ui]);
}
