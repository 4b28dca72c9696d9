import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LayoutRequest } from './layered-layout.ts';
import { LayoutService } from './layout-service.ts';

class FakeWorker extends EventTarget {
  static readonly made: FakeWorker[] = [];
  readonly asked: number[] = [];
  terminated = false;

  constructor() {
    super();
    FakeWorker.made.push(this);
  }

  postMessage({ id }: { id: number }): void {
    this.asked.push(id);
  }

  terminate(): void {
    this.terminated = true;
  }
}

const request: LayoutRequest = { nodeIds: [1], edges: [], direction: 'LR', nodeWidth: 10, nodeHeight: 10 };

beforeEach(() => {
  FakeWorker.made.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a late error of a worker that was replaced leaves the newer one alone', async () => {
  const service = new LayoutService();
  const first = service.layout('a', request);
  await vi.advanceTimersByTimeAsync(3000);
  await first;
  const second = service.layout('b', request);
  const [old, newer] = FakeWorker.made;
  expect(old!.terminated).toBe(true);
  const error = new Event('error', { cancelable: true });
  old!.dispatchEvent(error);
  expect(error.defaultPrevented).toBe(true);
  expect(newer!.terminated).toBe(false);
  const layout = { width: 7 };
  const [id] = newer!.asked;
  newer!.dispatchEvent(new MessageEvent('message', { data: { id, layout } }));
  expect(await second).toEqual(layout);
  newer!.dispatchEvent(new Event('error', { cancelable: true }));
  expect(newer!.terminated).toBe(true);
});
