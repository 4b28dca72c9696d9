/**
 * The page's own figures, in a real browser: from the first click on Run (no kernel yet) to the result on the
 * screen; and from the end of a task to the frame that counts it, while about 2,000 tasks a second end.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { io } from 'socket.io-client';
import { type MessagePart, MessageParts } from '../components/session/message-parts.ts';
import { chromiumPath } from '../e2e/chromium.ts';
import { type StagelightServer, startServer } from '../e2e/fixtures.ts';
import { type PackedAnswer, unpackAnswer } from '../engine/fold/answer-codec.ts';
import type { StageTasksAnswer } from '../engine/viewer-protocol.ts';

const TASKS = 10_000;
const NOTEBOOK = `// %% id="first"
6 * 7

// %% id="tasks"
await sc.range(0, ${TASKS}, 1, ${TASKS}).foreach(() => {
  // Waits without using a core: what is measured is the way to the screen, not a machine with nothing left for it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.65);
});
`;

/**
 * Samples, per frame in which it changed, how many tasks the stage node says have ended. Runs in the page. Frames are
 * asked for only after a change: a loop of frames would have the page drawn sixty times a second for the sake of measuring.
 */
function recordCounts(): void {
  const samples: [number, number][] = [];
  let due = false;
  const look = () => {
    due = false;
    const label = [...document.querySelectorAll('[aria-label^="Stage "]')]
      .map((node) => /(\d[\d,]*) of [\d,]+ tasks/.exec(node.getAttribute('aria-label') ?? '')?.[1])
      .find((count) => count !== undefined);
    const count = Number((label ?? '0').replaceAll(',', ''));
    if (count !== (samples.at(-1)?.[1] ?? 0))
      samples.push([performance.timeOrigin + performance.now(), count]);
  };
  const lookNext = () => {
    if (!due) requestAnimationFrame(look);
    due = true;
  };
  const all = { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-label'] };
  new MutationObserver(lookNext).observe(document.body, all);
  (globalThis as unknown as { samples: [number, number][] }).samples = samples;
}

async function finishTimes(server: StagelightServer, path: string, stageId: number): Promise<number[]> {
  const { port, searchParams } = new URL(server.url);
  const socket = io(server.origin, {
    transports: ['websocket'],
    extraHeaders: { cookie: `stagelight-${port}=${searchParams.get('token')}`, origin: server.origin },
  });
  const parts = new MessageParts();
  socket.on('message:part', (part: MessagePart) => parts.add(part));
  const times: number[] = [];
  while (times.length < TASKS) {
    const query = { type: 'stageTasks', stageId, attempt: 0, offset: times.length, limit: 50 };
    const answer = await socket.timeout(10_000).emitWithAck('notebook:query', { path, query });
    const reply = parts.whole(answer) as { answer: PackedAnswer };
    const { rows } = unpackAnswer(reply.answer) as StageTasksAnswer;
    if (rows.length === 0) throw new Error(`only ${times.length} tasks are known`);
    times.push(...rows.map((row) => row.finishTime!));
  }
  socket.close();
  return times.sort((a, b) => a - b);
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

/**
 * Keeps the time of the frame that shows the result of the first cell. Runs in the page: whoever asks from outside, again
 * and again, sees it up to half a second later.
 */
function recordResult(): void {
  const observer = new MutationObserver(() => {
    const output = document.querySelector('[aria-label="Output of cell 1"]');
    if (!output?.textContent?.includes('42')) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      (globalThis as unknown as { shownAt: number }).shownAt = performance.timeOrigin + performance.now();
    });
  });
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
}

async function firstResult(page: Page): Promise<number> {
  const cell = page.getByRole('region', { name: 'Cell 1', exact: true });
  const run = cell.getByRole('button', { name: /^Run/ }).first();
  await run.waitFor();
  await page.evaluate(recordResult);
  const started = Date.now();
  await run.click();
  const shown = await page.waitForFunction(() => (globalThis as unknown as { shownAt?: number }).shownAt);
  return (await shown.jsonValue())! - started;
}

const server = await startServer();
const browser = await chromium.launch({
  executablePath: await chromiumPath(),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  await writeFile(join(server.root, 'page.ts'), NOTEBOOK);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
  await page.goto(server.url);
  await page.goto(`${server.origin}/notebook?path=page.ts`);
  console.log(`JOB first_cell ${((await firstResult(page)) / 1000).toFixed(4)}`);
  await page.evaluate(recordCounts);
  const cell = page.getByRole('region', { name: 'Cell 2', exact: true });
  await cell.click();
  await cell.getByRole('button', { name: /^Run/ }).first().click();
  await page.waitForFunction(
    (all) => (globalThis as unknown as { samples: [number, number][] }).samples.at(-1)?.[1] === all,
    TASKS,
    { timeout: 60_000, polling: 250 },
  );
  const samples = await page.evaluate(
    () => (globalThis as unknown as { samples: [number, number][] }).samples,
  );
  const times = await finishTimes(server, 'page.ts', 0);
  const latencies: number[] = [];
  let sample = 0;
  for (let i = 0; i < times.length; i++) {
    while (samples[sample]![1] < i + 1) sample++;
    latencies.push(samples[sample]![0] - times[i]!);
  }
  latencies.sort((a, b) => a - b);
  const seconds = (times.at(-1)! - times[0]!) / 1000;
  console.log(`JOB event_to_pixel_p50 ${(quantile(latencies, 0.5) / 1000).toFixed(4)}`);
  console.log(`JOB event_to_pixel_p95 ${(quantile(latencies, 0.95) / 1000).toFixed(4)}`);
  console.log(`JOB ten_thousand_tasks ${seconds.toFixed(4)}`);
} finally {
  await browser.close();
  await server.stop();
}
