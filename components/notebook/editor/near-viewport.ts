/** Which elements are near the viewport, by one observer; and work for them, done bit by bit while nothing scrolls. */

/** How far from the visible part an element counts as near. */
const MARGIN = '500px';
/** Work waits this long after the last scrolling. */
const REST_MS = 120;

type NearListener = (near: boolean) => void;

const listeners = new Map<Element, NearListener>();
let observer: IntersectionObserver | undefined;
let scrolledAt = 0;

function sharedObserver(): IntersectionObserver {
  if (observer) return observer;
  observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
    },
    // The cells scroll in a box of their own on wide pages, with the page on narrow ones.
    { rootMargin: MARGIN, scrollMargin: MARGIN } as IntersectionObserverInit,
  );
  const noteScroll = () => {
    scrolledAt = performance.now();
  };
  document.addEventListener('scroll', noteScroll, { capture: true, passive: true });
  return observer;
}

/** Tells whether the element is near the viewport, now and whenever that changes. */
export function watchNear(element: Element, listener: NearListener): () => void {
  listeners.set(element, listener);
  sharedObserver().observe(element);
  return () => {
    listeners.delete(element);
    observer?.unobserve(element);
  };
}

/** Jobs done one per frame, in order, and none while the page scrolls or another frame has more urgent ones. */
class Turns {
  readonly #waiting = new Set<() => void>();
  readonly #behind: Turns | undefined;
  #scheduled = false;

  constructor(behind?: Turns) {
    this.#behind = behind;
  }

  get waiting(): boolean {
    return this.#waiting.size > 0;
  }

  add(job: () => void): () => void {
    this.#waiting.add(job);
    this.#schedule();
    return () => this.#waiting.delete(job);
  }

  #schedule(): void {
    if (this.#scheduled || !this.waiting) return;
    this.#scheduled = true;
    const rest = scrolledAt + REST_MS - performance.now();
    if (rest > 0) setTimeout(() => this.#next(), rest);
    else requestAnimationFrame(() => this.#next());
  }

  #next(): void {
    this.#scheduled = false;
    const early = performance.now() - scrolledAt < REST_MS || this.#behind?.waiting;
    const [job] = this.#waiting;
    if (!early && job) {
      this.#waiting.delete(job);
      job();
    }
    this.#schedule();
  }
}

const editorTurns = new Turns();
const colourTurns = new Turns(editorTurns);

/** Does `job` in a frame of its own; the returned function takes it back. */
export const inTurn = (job: () => void): (() => void) => editorTurns.add(job);

/** The same for what can wait until no editor does. */
export const whenIdle = (job: () => void): (() => void) => colourTurns.add(job);
