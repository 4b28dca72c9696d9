/** What was shown is on disk, whenever the server is killed; a disk that takes nothing is named, and caught up with. */
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { generateEvents } from '../engine/fold/event-generator.ts';
import { fold } from '../engine/fold/fold.ts';
import { toSnapshot } from '../engine/fold/snapshot.ts';
import type { StagelightEvent } from '../engine/protocol.ts';
import { NotebookFiles } from './notebook-files.ts';
import { NotebookStore, type OpenedNotebook } from './notebook-store.ts';
import { OutputsFile } from './outputs-file.ts';
import { readView } from './stored-view.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stagelight-outputs-file-'));
  await writeFile(join(root, 'n.ts'), '// %% id="a"\n1\n\n// %% id="b"\n2\n');
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(root, { recursive: true, force: true });
});

const folder = () => join(root, '.stagelight');
const path = () => join(folder(), 'n.ts.outputs.json');
const stored = () => readFile(path(), 'utf8');
/** As a server that starts after the last one was killed: nothing was closed. */
const open = () => new NotebookStore(new NotebookFiles(root, join(root, 'no-demos'))).open('n.ts');
const texts = ({ view }: OpenedNotebook, cellId = 'a') =>
  view.cells.get(cellId)!.outputs.map((output) => ('text' in output ? output.text : output.kind));

function take({ view, outputs }: Pick<OpenedNotebook, 'view' | 'outputs'>, events: StagelightEvent[]): void {
  for (const event of events) fold(view, event);
  outputs.append(events);
}

let runs = 0;
function run(opened: OpenedNotebook, cellId: string, ...says: string[]): void {
  const runId = `run${runs++}`;
  take(opened, [{ type: 'cellQueued', cellId, runId, time: 1 }]);
  take(opened, [{ type: 'cellStarted', cellId, runId, time: 2, executionCount: 1, source: '1' }]);
  for (const text of says)
    take(opened, [{ type: 'cellOutput', cellId, runId, output: { kind: 'text', text } }]);
  take(opened, [{ type: 'cellFinished', cellId, runId, time: 3, status: 'ok' }]);
}

test('each output is there for the next server when it has been taken, over several servers that are killed', async () => {
  run(await open(), 'a', 'one');
  const second = await open();
  expect(texts(second)).toEqual(['one']);
  run(second, 'b', 'two', 'three');
  const third = await open();
  expect([texts(third), texts(third, 'b')]).toEqual([['one'], ['two', 'three']]);
  run(third, 'a', 'four');
  const last = await open();
  expect([texts(last), texts(last, 'b')]).toEqual([['four'], ['two', 'three']]);
  // Whole once, a line for each batch since; closing leaves the whole alone.
  expect((await stored()).split('\n').length).toBeGreaterThan(10);
  run(last, 'a', 'five');
  await last.outputs.close();
  expect((await stored()).split('\n')).toHaveLength(2);
  expect(texts(await open())).toEqual(['five']);
});

test('a cell added in the file while no server ran keeps what it then showed', async () => {
  run(await open(), 'a', 'one');
  await appendFile(join(root, 'n.ts'), '\n// %% id="c"\n3\n');
  run(await open(), 'c', 'of c');
  expect(texts(await open(), 'c')).toEqual(['of c']);
});

test('a notebook that is only looked at is not written, nor one in which nothing changed', async () => {
  await (await open()).outputs.close();
  expect(await readdir(root)).not.toContain('.stagelight');
  run(await open(), 'a', 'one');
  const before = await stored();
  await (await open()).outputs.close();
  expect(await stored()).toBe(before);
});

test('a line cut short by the kill costs itself alone, also when the next server goes on behind it', async () => {
  run(await open(), 'a', 'one');
  await appendFile(path(), '[{"type":"cellOutput","cellId":"a","ru');
  const next = await open();
  expect(texts(next)).toEqual(['one']);
  run(next, 'b', 'two');
  const last = await open();
  expect([texts(last), texts(last, 'b')]).toEqual([['one'], ['two']]);
});

test.each([
  ['[{"type":"cellOutput","cellId":"a","runId":"r","output":{"kind":"html"}}]'],
  ['[null,7,{}]'],
  ['{}'],
])('the line %s of a stranger is passed over', async (line) => {
  run(await open(), 'a', 'one');
  await appendFile(path(), `${line}\n`);
  expect(texts(await open())).toEqual(['one']);
});

test('counters alone are written once a second at most, the newest of each', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const opened = await open();
  run(opened, 'a', 'one');
  const before = (await stored()).length;
  for (let revision = 1; revision <= 100; revision++)
    take(opened, [{ type: 'cellEdited', cellId: 'a', source: `${revision}`, revision }]);
  expect((await stored()).length).toBe(before);
  vi.advanceTimersByTime(1000);
  expect((await stored()).slice(before).match(/cellEdited/g)).toHaveLength(1);
  expect(readView(await stored())!.cells.get('a')!.source).toBe('100');
});

test('the view read back at any moment is the one that was taken, while the file is made whole again and again', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const opened = await open();
    const outputs = new OutputsFile({ path: path(), view: opened.view, compactBytes: 3000 });
    let count = 0;
    const making: Promise<void>[] = [];
    for (const event of generateEvents({ seed })) {
      // Viewers, and the file, get counters in place of tasks.
      if (event.type === 'taskStart' || event.type === 'taskEnd') continue;
      take({ view: opened.view, outputs }, [event]);
      if (++count % 40 === 0) {
        take({ view: opened.view, outputs }, [{ type: 'binTrimmed', cellIds: [] }]);
        expect(readView(await stored())!.cells).toEqual(
          readView(`${JSON.stringify(toSnapshot(opened.view))}\n`)!.cells,
        );
      }
      if (count % 55 === 0) making.push(outputs.compact());
    }
    await Promise.all(making);
    await outputs.close();
    expect(await stored()).toBe(`${JSON.stringify(toSnapshot(opened.view))}\n`);
    await rm(folder(), { recursive: true });
  }
});

test('a folder deleted while the server runs is made again with everything', async () => {
  const opened = await open();
  run(opened, 'a', 'one');
  await rm(folder(), { recursive: true });
  run(opened, 'b', 'two');
  const next = await open();
  expect([texts(next), texts(next, 'b')]).toEqual([['one'], ['two']]);
});

const troubleOf = ({ outputs }: OpenedNotebook) => {
  const troubles: (string | undefined)[] = [];
  outputs.onTrouble = (error) => troubles.push(error?.message);
  return troubles;
};

test('what cannot be a folder is named, nothing is thrown, and everything follows when it can be', async () => {
  await writeFile(folder(), 'a file');
  const opened = await open();
  const troubles = troubleOf(opened);
  run(opened, 'a', 'one');
  expect(troubles).toEqual(['outputs are not saved: ".stagelight" beside the notebook is not a folder']);
  await rm(folder());
  await opened.outputs.compact();
  run(opened, 'b', 'two');
  expect(troubles.at(-1)).toBeUndefined();
  expect(troubles).toHaveLength(2);
  const next = await open();
  expect([texts(next), texts(next, 'b')]).toEqual([['one'], ['two']]);
});

test.runIf(process.platform === 'linux')(
  'a full disk is named, and what it did not take follows',
  async () => {
    run(await open(), 'a', 'one');
    const whole = await stored();
    const opened = await open();
    const troubles = troubleOf(opened);
    await rm(path());
    await symlink('/dev/full', path());
    run(opened, 'b', 'two');
    expect(troubles).toEqual(['outputs are not saved: the disk is full']);
    await rm(path());
    await mkdir(folder(), { recursive: true });
    await writeFile(path(), whole);
    await opened.outputs.compact();
    expect(troubles).toHaveLength(2);
    const next = await open();
    expect([texts(next), texts(next, 'b')]).toEqual([['one'], ['two']]);
  },
);
