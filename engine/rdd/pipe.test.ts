import { execFileSync, spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pipeRows } from './pipe.ts';

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const got: string[] = [];
  for await (const line of lines) got.push(line);
  return got;
}

test('lines end where those of text files do, and nowhere else', async () => {
  const rows = ['a\u2028b\u2029c', 'd\re', 'f\r', '', 'é😀'];
  expect(await all(pipeRows('cat', {}, rows))).toEqual(['a\u2028b\u2029c', 'd\re', 'f', '', 'é😀']);
  expect(await all(pipeRows(['printf', 'x\\ny'], {}, []))).toEqual(['x', 'y']);
  const long = 'xé'.repeat(200_000);
  expect(await all(pipeRows('cat', {}, [long, long]))).toEqual([long, long]);
});

/** More than is on its way to a program that does not read. */
const LARGE = 1 << 20;

describe('a program ends with all it has started', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'pipe-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  let fifos = 0;
  let others: (() => void)[] = [];
  afterEach(() => {
    for (const end of others) end();
    others = [];
  });

  /** A pipeline that ends only when it is killed, and the moment when nothing of it is left: when nobody can write to a named pipe any more. */
  function endless(): { command: string; gone: Promise<void> } {
    const fifo = join(directory, `fifo-${fifos++}`);
    execFileSync('mkfifo', [fifo]);
    const reading = createReadStream(fifo);
    others.push(() => reading.destroy());
    const gone = new Promise<void>((resolve) => reading.resume().on('end', resolve));
    return {
      command: `exec 3>'${fifo}'; echo ready; { head -c ${LARGE} > /dev/null; sleep 100000; } | cat`,
      gone,
    };
  }

  test('when no more lines are wanted, even while one is waited for', async () => {
    const { command, gone } = endless();
    const lines = pipeRows(command, {}, []);
    expect(await lines.next()).toEqual({ value: 'ready', done: false });
    const next = lines.next().catch(() => undefined);
    void lines.return!();
    await gone;
    await next;
  });

  test('when a row before it fails', async () => {
    const { command, gone } = endless();
    function* rows() {
      // There is room for the next when the program has begun to read.
      yield 'x'.repeat(LARGE);
      throw new Error('bad row');
    }
    await expect(all(pipeRows(command, {}, rows()))).rejects.toThrow('bad row');
    await gone;
  });

  test('when its executor is killed', async () => {
    const { command, gone } = endless();
    const script = `import { pipeRows } from ${JSON.stringify(new URL('./pipe.ts', import.meta.url).href)};
      for await (const line of pipeRows(${JSON.stringify(command)}, {}, [])) console.log(line);`;
    const executor = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    others.push(() => executor.kill('SIGKILL'));
    await new Promise((resolve) => executor.stdout.once('data', resolve));
    executor.kill('SIGKILL');
    await gone;
  });
});
