/** For tests of the session alone: a server that answers as it is told and keeps what it was asked. */
import type { StagelightEvent } from '../../engine/protocol.ts';
import type { CommandReply, NotebookCommand } from '../../engine/viewer-protocol.ts';
import { type PushedBatch, type SessionConnection, unreachable } from './socket-client.ts';

/** Of its notebook. */
export const PATH = 'a.ts';

export class FakeServer implements SessionConnection {
  connected = true;
  readonly commands: NotebookCommand[] = [];
  readonly joins: { boot?: string; seq?: number }[] = [];
  boot = 'b1';
  seq = 0;
  log: { seq: number; event: StagelightEvent }[] = [];
  answer: (command: NotebookCommand) => CommandReply = () => ({ ok: true });
  #batch: ((batch: PushedBatch) => void) | undefined;
  #connection: ((connected: boolean) => void) | undefined;

  async call(name: string, payload: object): Promise<never> {
    if (!this.connected) return unreachable() as never;
    if (name === 'notebook:join') {
      const asked = payload as { boot?: string; seq?: number };
      this.joins.push(asked);
      const known = asked.boot === this.boot ? (asked.seq ?? 0) : 0;
      return {
        ok: true,
        boot: this.boot,
        seq: this.seq,
        events: this.log.filter(({ seq }) => seq > known),
      } as never;
    }
    if (name !== 'notebook:command') return { ok: true } as never;
    const { editId: _, ...command } = (payload as { command: NotebookCommand & { editId?: string } }).command;
    this.commands.push(command);
    return this.answer(command) as never;
  }
  onBatch(listener: (batch: PushedBatch) => void) {
    this.#batch = listener;
    return () => {};
  }
  onConnection(listener: (connected: boolean) => void) {
    this.#connection = listener;
    return () => {};
  }
  onBehind() {
    return () => {};
  }
  push(...events: StagelightEvent[]) {
    const from = this.seq + 1;
    for (const event of events) this.log.push({ seq: ++this.seq, event });
    this.#batch?.({ path: PATH, boot: this.boot, from, to: this.seq, events });
  }
  /** Numbers an event without sending it. */
  lose(event: StagelightEvent) {
    this.log.push({ seq: ++this.seq, event });
  }
  setConnected(connected: boolean) {
    this.connected = connected;
    this.#connection?.(connected);
  }
}
