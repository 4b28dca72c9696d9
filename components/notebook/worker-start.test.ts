import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadedWorker, WORKER_LACKS, WORKER_LOADED } from './worker-start.ts';

class FakeWorker extends EventTarget {
  terminated = false;

  terminate(): void {
    this.terminated = true;
  }

  says(data: unknown): Event {
    const event = new MessageEvent('message', { data, cancelable: true });
    this.dispatchEvent(event);
    return event;
  }

  fails(): Event {
    const event = new Event('error', { cancelable: true });
    this.dispatchEvent(event);
    return event;
  }
}

const made: FakeWorker[] = [];
const make = () => {
  const worker = new FakeWorker();
  made.push(worker);
  return worker as unknown as Worker;
};

beforeEach(() => {
  made.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test('a worker is given once its entry has loaded, and the message that says so is heard by nobody else', async () => {
  const heard: unknown[] = [];
  const loading = loadedWorker(make);
  made[0]!.addEventListener('message', (event) => heard.push((event as MessageEvent).data));
  made[0]!.says(WORKER_LOADED);
  expect(await loading).toBe(made[0]);
  made[0]!.says('an answer');
  expect(heard).toEqual(['an answer']);
});

test('a worker whose script cannot be fetched is made anew, ever later, until the script is there', async () => {
  const failures: number[] = [];
  const loading = loadedWorker(make, (times) => failures.push(times));
  const waits = [1000, 2000, 4000, 8000, 16_000, 20_000, 20_000];
  for (const [i, wait] of waits.entries()) {
    expect(made).toHaveLength(i + 1);
    expect(made[i]!.fails().defaultPrevented).toBe(true);
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(made[i]!.terminated).toBe(true);
    expect(made).toHaveLength(i + 1);
    await vi.advanceTimersByTimeAsync(1);
  }
  const last = made.at(-1)!;
  last.says(WORKER_LOADED);
  expect(await loading).toBe(last);
  expect(last.terminated).toBe(false);
  expect(failures).toEqual([1, 2, 3, 4, 5, 6, 7]);
  // Its later errors are its user's.
  expect(last.fails().defaultPrevented).toBe(false);
});

test('so is one that says what it needs is not there', async () => {
  const loading = loadedWorker(make);
  made[0]!.says(WORKER_LACKS);
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.map(({ terminated }) => terminated)).toEqual([true, false]);
  made[1]!.says(WORKER_LOADED);
  expect(await loading).toBe(made[1]);
});
