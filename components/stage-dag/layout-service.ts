'use client';
/** Asks the layout worker, remembers answers by topology, and falls back to plain layers past a deadline. */
import { type DagLayout, type LayoutRequest, layoutByLayers } from './layered-layout.ts';

const DEADLINE = 3000;
const REMEMBERED = 50;

type Pending = { request: LayoutRequest; settle: (layout: DagLayout) => void };

export class LayoutService {
  readonly #known = new Map<string, DagLayout>();
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #nextId = 1;

  async layout(key: string, request: LayoutRequest): Promise<DagLayout> {
    const known = this.#known.get(key);
    if (known) return known;
    const layout = await this.#ask(request);
    this.#known.set(key, layout);
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
    return layout;
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #ask(request: LayoutRequest): Promise<DagLayout> {
    return new Promise((resolve) => {
      const id = this.#nextId++;
      const timer = setTimeout(() => {
        // A layout past its deadline never gets cheaper: the worker is replaced.
        this.close();
        this.#fallBack();
      }, DEADLINE);
      this.#pending.set(id, {
        request,
        settle: (layout) => {
          clearTimeout(timer);
          this.#pending.delete(id);
          resolve(layout);
        },
      });
      try {
        this.#open().postMessage({ id, request });
      } catch {
        this.#fallBack();
      }
    });
  }

  #open(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('./dag-layout.worker.ts', import.meta.url), {
      type: 'module',
      name: 'dag-layout',
    });
    worker.addEventListener('message', ({ data }: MessageEvent<{ id: number; layout: DagLayout }>) => {
      this.#pending.get(data.id)?.settle(data.layout);
    });
    // One whose script could not be fetched never answers: the next layout gets another.
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      // Another has taken its place, and what was asked of it has been answered.
      if (this.#worker !== worker) return;
      this.close();
      this.#fallBack();
    });
    this.#worker = worker;
    return worker;
  }

  #fallBack(): void {
    for (const { request, settle } of [...this.#pending.values()]) settle(layoutByLayers(request));
  }
}
