/** Who waits for the view to show what a command did. */
export class AwaitedEvents {
  #waiting: { seq: number; seen: () => void }[] = [];

  wait(seq: number): Promise<void> {
    return new Promise((seen) => this.#waiting.push({ seq, seen }));
  }

  /** Events up to this number have come: `show` makes them seen, once, before anyone who waits for one goes on. */
  tell(upTo: number, show: () => void): void {
    const due = this.#waiting.filter(({ seq }) => seq <= upTo);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ seq }) => seq > upTo);
    show();
    for (const { seen } of due) seen();
  }
}
