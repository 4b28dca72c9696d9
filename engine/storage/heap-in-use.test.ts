import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

/** Of old objects, in megabytes, and how many of them are in use. */
const LIMIT = 64;
const IN_USE = 57;

/** Run by Node as it is, in a thread that V8 ends alone. */
const LOOK_OFTEN = `
  import(${JSON.stringify(new URL('heap-in-use.ts', import.meta.url).href)}).then(({ heapInUse }) => {
    const rows = [];
    while (heapInUse() < ${IN_USE - 2} * 2 ** 20)
      for (let i = 0; i < 64; i++) rows.push(new Array(2048).fill(i));
    let most = 0;
    for (let looks = 0; looks < 20; looks++) most = Math.max(most, heapInUse());
    require('node:worker_threads').parentPort.postMessage(rows.length > 0 && most < ${IN_USE} * 2 ** 20);
  });`;

test('a thread whose heap is nearly full may look at it as often as it likes', async () => {
  const resourceLimits = { maxOldGenerationSizeMb: LIMIT };
  const worker = new Worker(LOOK_OFTEN, { eval: true, execArgv: [], resourceLimits });
  const [said] = await Promise.race([once(worker, 'message'), once(worker, 'exit')]);
  expect(said).toBe(true);
  await worker.terminate();
});
