import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, test } from 'vitest';
import { HUNG_AFTER_MS, PING_INTERVAL_MS, Pulse } from './executor-pool-health.ts';
import { cpuSeconds, type ProcessSample, parsePs, psReader, readProc, runPs } from './process-sample.ts';

it.runIf(process.platform === 'linux')('reads the CPU time and state of a process', () => {
  const before = readProc(process.pid)!;
  while (readProc(process.pid)!.cpu === before.cpu) {
    // Reading is work enough for the clock to tick.
  }
  expect(before.state).toBe('R');
  expect(readProc(2 ** 30)).toBeUndefined();
});

describe('where there is no /proc', () => {
  test('times are read as Linux and macOS print them', () => {
    expect(['00:01:02', '0:01.25', '12:30.00', '2-01:00:05'].map(cpuSeconds)).toEqual([
      62, 1.25, 750, 176_405,
    ]);
  });

  test('lines of ps are read, whatever else is printed', () => {
    expect(parsePs('    1 Ss    0:00.12\n20929 R+ 00:01:00\n\nps: no such process\n')).toEqual(
      new Map<number, ProcessSample>([
        [1, { state: 'S', cpu: 0.12 }],
        [20929, { state: 'R', cpu: 60 }],
      ]),
    );
  });

  test('processes asked about together are looked at once, and answered at the next look', async () => {
    const asked: (readonly number[])[] = [];
    const finished: (() => void)[] = [];
    const read = psReader(async (pids) => {
      asked.push(pids);
      await new Promise<void>((resolve) => finished.push(resolve));
      return pids.map((pid) => `${pid} S 0:0${asked.length}.00`).join('\n');
    });
    expect([read(7), read(8)]).toEqual([undefined, undefined]);
    await Promise.resolve();
    expect([read(7), asked]).toEqual([undefined, [[7, 8]]]);
    finished[0]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect([read(8), read(7)]).toEqual([
      { state: 'S', cpu: 1 },
      { state: 'S', cpu: 1 },
    ]);
    await Promise.resolve();
    expect(asked).toEqual([
      [7, 8],
      [7, 8],
    ]);
  });

  test('a stopped process is found hung, one that works is not, by ps itself', async () => {
    const busy = 'process.stdout.write("up"); for (;;);';
    const [stopped, working] = [0, 1].map(() => spawn(process.execPath, ['-e', busy]));
    try {
      await Promise.all([once(stopped!.stdout, 'data'), once(working!.stdout, 'data')]);
      stopped!.kill('SIGSTOP');
      let looked: Promise<string> = Promise.resolve('');
      const read = psReader((pids) => (looked = runPs(pids)));
      const pulses = [new Pulse(0), new Pulse(0)];
      const pids = [stopped!.pid!, working!.pid!];
      let cpu = 0;
      let hung: boolean[] = [];
      for (let now = 0; now <= HUNG_AFTER_MS + 3 * PING_INTERVAL_MS; now += PING_INTERVAL_MS) {
        const samples = pids.map(read);
        // Linux counts in whole seconds: what the working one has used is made up, that it goes on is not.
        if (samples[1]) samples[1] = { state: samples[1].state, cpu: cpu++ };
        hung = pulses.map((pulse, i) => pulse.isHung(now, true, samples[i]));
        await Promise.resolve();
        await looked;
        await Promise.resolve();
      }
      expect(hung).toEqual([true, false]);
    } finally {
      stopped!.kill('SIGKILL');
      working!.kill('SIGKILL');
    }
  });
});
