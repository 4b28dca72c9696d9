/** Sends commands to the server, and says on the page what was refused and what is not saved yet. */
import type { StoreApi } from 'zustand/vanilla';
import type { ViewState } from '../../engine/fold/state.ts';
import type { CommandReply, NotebookCommand } from '../../engine/viewer-protocol.ts';
import { NOT_DONE, PERHAPS_DONE } from './session-errors.ts';
import type { SessionState } from './session-state.ts';
import { type Failure, type SessionConnection, unreachable } from './socket-client.ts';

const DOCUMENT_COMMANDS = new Set<NotebookCommand['type']>([
  'insertCell',
  'insertCells',
  'deleteCells',
  'moveCells',
  'splitCell',
  'mergeCells',
  'restoreCell',
  'undo',
  'redo',
  'editCell',
  'convertCells',
]);

/** Shown at the cell, or by the banner, or sent again later: not as a failed command. */
function isQuiet(type: NotebookCommand['type'], code: string): boolean {
  // Said in the execution panel, where they were given.
  if (type === 'injectFault' || type === 'clearFaults') return true;
  if (type === 'insertCell') return code === 'UNREACHABLE';
  return type === 'editCell' && ['EDIT_CONFLICT', 'CELL_NOT_FOUND', 'UNREACHABLE'].includes(code);
}

const lossOf = (reply: CommandReply | Failure) => ('sent' in reply && reply.sent ? PERHAPS_DONE : NOT_DONE);

/** What the sender needs of the session. */
export interface SenderHost {
  readonly path: string;
  readonly store: StoreApi<SessionState>;
  readonly joined: boolean;
  readonly view: ViewState | undefined;
  /** The server has opened the notebook anew: what is known here is of another session. */
  replaced(): void;
}

export class CommandSender {
  readonly #connection: SessionConnection;
  readonly #host: SenderHost;

  constructor(connection: SessionConnection, host: SenderHost) {
    this.#connection = connection;
    this.#host = host;
  }

  async send(command: NotebookCommand): Promise<CommandReply> {
    const { path, store } = this.#host;
    const savedAt = this.#host.view?.notebook?.savedAt;
    const { boot } = this.#host.view ?? {};
    const changesDocument = DOCUMENT_COMMANDS.has(command.type);
    // Between connecting and joining, what is known here may be of another server than the one that would answer.
    const reply: CommandReply | Failure =
      changesDocument && !this.#host.joined
        ? unreachable()
        : await this.#connection.call<CommandReply>('notebook:command', { path, command, boot });
    if (!reply.ok) {
      const { code } = reply.error;
      if (code === 'SESSION_REPLACED') {
        this.#host.replaced();
        return unreachable();
      }
      if (!isQuiet(command.type, code))
        store.setState({ commandError: code === 'UNREACHABLE' ? lossOf(reply) : reply.error });
    } else if (store.getState().commandError) store.setState({ commandError: undefined });
    if (reply.ok && changesDocument)
      store.setState({ unsaved: this.#host.view?.notebook?.savedAt === savedAt });
    return reply;
  }
}
