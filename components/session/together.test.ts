/**
 * Several browsers type into one notebook while messages are delayed and lost, pages crash and the server restarts. In
 * the end all show the same document, and every character that was typed is in it, or in a box that shows it to the one
 * who typed it. A failure prints its seed.
 */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../engine/testing-random.ts';
import { SimulatedBrowser, SimulatedServer, SimulatedWindow, settled } from './simulated-notebook.ts';

const SEEDS = 150;
const STEPS = 250;

class Simulation {
  readonly #random: () => number;
  readonly server = new SimulatedServer([
    { cellId: 'a', kind: 'code', source: 'first = 1;' },
    { cellId: 'b', kind: 'code', source: 'second(first)\nthird' },
  ]);
  readonly windows: SimulatedWindow[];
  /** Each character typed is one of its own, to be found again. */
  readonly typed: string[] = [];
  /** Removed by someone who saw it. */
  readonly removed = new Set<string>();
  /** Put back from a box, by perhaps more than one. */
  readonly putBack = new Set<string>();
  #cells = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const [shared, own] = [new SimulatedBrowser(), new SimulatedBrowser()];
    this.windows = [shared, shared, own].map((browser) => new SimulatedWindow(this.server, browser));
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  async run(): Promise<void> {
    for (let i = 0; i < STEPS; i++) {
      this.#step(this.windows[this.#int(this.windows.length)]!);
      await settled();
    }
  }

  #step(window: SimulatedWindow): void {
    const { connection, timers } = window;
    const choice = this.#int(100);
    if (choice < 25) connection.up.shift()?.();
    else if (choice < 50) connection.down.shift()?.();
    else if (choice < 62) timers.advance(this.#int(400));
    else if (choice < 70) this.server.save();
    else if (choice < 90) this.#type(window);
    else if (choice < 94) this.#change(window);
    else if (choice < 95) this.#decide(window);
    else if (choice < 98) connection.connected ? connection.cut() : connection.connect();
    else if (choice < 99) window.reload();
    else if (this.#int(3) === 0) this.server.restart();
  }

  #fresh(): string {
    const character = String.fromCharCode(0x4e00 + this.typed.length);
    this.typed.push(character);
    return character;
  }

  #remove(text: string): void {
    for (const character of text) this.removed.add(character);
  }

  #type(window: SimulatedWindow): void {
    const cellId = window.order[this.#int(window.order.length)];
    if (cellId === undefined) return;
    const text = window.shown(cellId);
    const at = this.#int(text.length + 1);
    const cut = this.#int(4) === 0 ? text.slice(at, at + 1 + this.#int(3)) : '';
    this.#remove(cut);
    let put = '';
    if (cut === '' || this.#int(2) === 0) for (let i = this.#int(3); i >= 0; i--) put += this.#fresh();
    if (this.#int(5) === 0) put += this.#int(2) === 0 ? ' ' : '\n';
    window.session.edit(cellId, text.slice(0, at) + put + text.slice(at + cut.length));
  }

  #change(window: SimulatedWindow): void {
    const { session, order } = window;
    const cellId = order[this.#int(order.length)];
    const choice = this.#int(6);
    if (choice < 2 || cellId === undefined) {
      const id = `n${++this.#cells}`;
      const source = this.#int(2) === 0 ? '' : this.#fresh();
      void session.command({
        type: 'insertCell',
        cellId: id,
        kind: 'code',
        source,
        index: this.#int(order.length + 1),
      });
    } else if (choice === 2) {
      const seen = window.shown(cellId);
      // Only a deletion that was done, or may have been, removes what its user saw.
      void session.command({ type: 'deleteCells', cellIds: [cellId] }).then((reply) => {
        if (reply.ok || reply.error.code === 'UNREACHABLE') this.#remove(seen);
      });
    } else if (choice === 3)
      void session.command({ type: 'moveCells', cellIds: [cellId], index: this.#int(order.length) });
    else void session.run([cellId]);
  }

  /** A user who finds a box decides. */
  #decide(window: SimulatedWindow): void {
    const { session } = window;
    const { view, drafts } = session.store.getState();
    for (const [cellId, draft] of drafts) {
      const theirs = view?.cells.get(cellId)?.source;
      if (theirs === undefined) {
        if (draft.insert) continue;
        for (const character of draft.source) this.putBack.add(character);
        const id = `n${++this.#cells}`;
        void session.command({
          type: 'insertCell',
          cellId: id,
          kind: 'code',
          source: draft.source,
          index: 0,
        });
        session.discardDraft(cellId);
      } else if (draft.conflict) {
        const keep = this.#int(2) === 0 ? 'mine' : 'theirs';
        const [kept, dropped] = keep === 'mine' ? [draft.source, theirs] : [theirs, draft.source];
        this.#remove([...dropped].filter((character) => !kept.includes(character)).join(''));
        session.resolveConflict(cellId, keep);
      } else continue;
      return;
    }
  }

  /** Everything arrives, until nothing is on its way any more. */
  async calm(): Promise<void> {
    for (const { connection } of this.windows) if (!connection.connected) connection.connect();
    for (let quiet = 0, round = 0; quiet < 12; round++) {
      if (round > 5000) throw new Error('it does not come to rest');
      await settled();
      this.server.save();
      const busy = this.windows.filter(({ connection }) => connection.up.length + connection.down.length > 0);
      for (const { connection } of busy) {
        connection.up.shift()?.();
        connection.down.shift()?.();
      }
      if (busy.length > 0) {
        quiet = 0;
        continue;
      }
      quiet += 1;
      for (const { timers } of this.windows) timers.advance(500);
    }
  }
}

/** Characters of a text, without the boxes that keep what could not be merged. */
function assertTogether({ server, windows, typed, removed, putBack }: Simulation): void {
  const { document } = server;
  const boxes: string[] = [];
  for (const { session } of windows) {
    const { view, drafts } = session.store.getState();
    expect(view!.cellOrder.map((cellId) => [cellId, view!.cells.get(cellId)!.source])).toEqual(
      document.map(({ cellId, source }) => [cellId, source]),
    );
    for (const [cellId, draft] of drafts) {
      // Whatever is still a draft is shown in a box.
      expect({ cellId, conflict: draft.conflict, gone: !view!.cells.has(cellId) }).not.toEqual({
        cellId,
        conflict: undefined,
        gone: false,
      });
      boxes.push(draft.source);
    }
  }
  const text = document.map(({ source }) => source).join('');
  const all = text + boxes.join('') + server.bin;
  const lost = typed.filter((character) => !removed.has(character) && !all.includes(character));
  const doubled = typed.filter((character) => text.split(character).length > 2 && !putBack.has(character));
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
}

describe('typing together', () => {
  test('ends with one document, and loses no typed character', async () => {
    let typed = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const simulation = new Simulation(seed);
      try {
        await simulation.run();
        await simulation.calm();
        assertTogether(simulation);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      typed += simulation.typed.length;
    }
    expect(typed).toBeGreaterThan(SEEDS * 20);
  });
});
