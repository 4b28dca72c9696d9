/**
 * What watching costs: CPU time of server and kernel while 5,000 tasks a second end, with 0, 1 and 10 pages that ask for
 * timeline and tasks ten times a second; and control's own share, which is sending events to the host at all.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { type MessagePart, MessageParts } from '../../components/session/message-parts.ts';

const PATH = 'load.ts';
const QUERY_MS = 100;
const SETTLE_MS = 1_000;
const MEASURE_MS = 6_000;
const CLIENTS = [0, 1, 10];
const MOST_CONTROL = 20;
const MOST_SERVER = 150;
const TASKS_PER_SECOND = 5_000;
const TICK_MS = 10;

/** Few jobs of many tasks: the timeline's total, by which tasks are counted here, is of the last 1,000 jobs alone. */
const LOAD = `// %% id="load"
let next = performance.now();
for (;;) {
  await sc.range(0, 2500, 1, 2500).count();
  next = Math.max(next + 500, performance.now() - 500);
  await sleep(Math.max(0, next - performance.now()));
}
`;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU time in milliseconds, from a stat file of /proc. */
function cpuOf(file: string): number {
  const stat = readFileSync(file, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The server's only child: the kernel. */
function kernelOf(server: number): number {
  const isChild = (pid: string) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === server;
    } catch {
      return false;
    }
  };
  return Number(readdirSync('/proc').find((name) => /^\d+$/.test(name) && isChild(name)));
}

const parts = new MessageParts();

interface Place {
  port: number;
  token: string;
}

async function connect({ port, token }: Place): Promise<Socket> {
  const url = `http://127.0.0.1:${port}`;
  const headers = { cookie: `stagelight-${port}=${token}`, origin: url };
  const socket = io(url, { transports: ['websocket'], extraHeaders: headers, forceNew: true });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  socket.on('message:part', (part: MessagePart) => parts.add(part));
  return socket;
}

async function ask<T>(socket: Socket, call: string, payload: object): Promise<T> {
  const answer = await socket.timeout(30_000).emitWithAck(call, { path: PATH, ...payload });
  const reply = parts.whole(answer) as { ok: boolean; error?: object };
  if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  return reply as T;
}

const timeline = { query: { type: 'timeline', lanes: 'executor', width: 1200 } };

async function tasksSeen(socket: Socket): Promise<number> {
  const { answer } = await ask<{ answer: { totalTasks: number } }>(socket, 'notebook:query', timeline);
  return answer.totalTasks;
}

/** A page with panel and task table open. Returns what closes it. */
async function openPage(place: Place): Promise<() => void> {
  const socket = await connect(place);
  let stageId = 0;
  socket.on('events', ({ events }: { events?: { type: string; stage?: { stageId: number } }[] }) => {
    for (const { stage } of events ?? []) if (stage) stageId = stage.stageId;
  });
  await ask(socket, 'notebook:join', {});
  const timer = setInterval(() => {
    const tasks = { query: { type: 'stageTasks', stageId, attempt: 0, offset: 0, limit: 100 } };
    for (const payload of [timeline, tasks]) ask(socket, 'notebook:query', payload).catch(() => {});
  }, QUERY_MS);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

interface Figures {
  clients: number;
  tasks: number;
  server: number;
  control: number;
  kernel: number;
}

/** CPU milliseconds per second. What pages ask costs the same at any rate of tasks, so nothing is scaled to it. */
async function measure(place: Place, asker: Socket, server: number, clients: number): Promise<Figures> {
  const kernel = kernelOf(server);
  const pages = await Promise.all(Array.from({ length: clients }, () => openPage(place)));
  await sleep(SETTLE_MS);
  const look = async () => ({
    at: performance.now(),
    tasks: await tasksSeen(asker),
    server: cpuOf(`/proc/${server}/stat`),
    control: cpuOf(`/proc/${kernel}/task/${kernel}/stat`),
    kernel: cpuOf(`/proc/${kernel}/stat`),
  });
  const before = await look();
  await sleep(MEASURE_MS);
  const after = await look();
  for (const close of pages) close();
  const seconds = (after.at - before.at) / 1000;
  const tasks = (after.tasks - before.tasks) / seconds;
  const share = (key: 'server' | 'control' | 'kernel') => (after[key] - before[key]) / seconds;
  return { clients, tasks, server: share('server'), control: share('control'), kernel: share('kernel') };
}

function started<T>(child: ChildProcess, isIt: (message: unknown) => message is T): Promise<T> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => isIt(message) && resolve(message));
    child.once('exit', (code) => reject(new Error(`a process ended with code ${code}`)));
  });
}

async function controlShare(): Promise<number> {
  const child = fork(join(import.meta.dirname, '..', 'viewing', 'control.ts'), { serialization: 'advanced' });
  type Shares = { without: number; withHost: number };
  const isIt = (message: unknown): message is Shares => (message as { type?: string }).type === 'figures';
  const { without, withHost } = await started(child, isIt);
  return withHost - without;
}

export async function run(): Promise<string> {
  const share = await controlShare();
  const root = mkdtempSync(join(tmpdir(), 'stagelight-viewing-'));
  writeFileSync(join(root, PATH), LOAD);
  const server = fork(join(import.meta.dirname, '..', 'viewing', 'server.ts'), [root]);
  try {
    const place = await started(server, (message): message is Place => 'port' in (message as object));
    const asker = await connect(place);
    await ask(asker, 'notebook:join', {});
    await ask(asker, 'notebook:command', { command: { type: 'runCells', cellIds: ['load'] } });
    await ask(asker, 'notebook:leave', {});
    while ((await tasksSeen(asker)) < TASKS_PER_SECOND) await sleep(QUERY_MS);
    const figures: Figures[] = [];
    for (const clients of CLIENTS) figures.push(await measure(place, asker, server.pid!, clients));
    asker.close();
    const round = (value: number) => Math.round(value);
    const shown = figures.map(
      (each) =>
        `${each.clients} pages: server ${round(each.server)}, control ${round(each.control)}, kernel process ${round(each.kernel)} (${round(each.tasks)} tasks/s)`,
    );
    const text = `CPU ms/s: ${shown.join('; ')}; sending to the host ${share.toFixed(1)} of control's`;
    const grown = figures.at(-1)!.control - figures[0]!.control;
    if (figures.at(-1)!.server > MOST_SERVER)
      throw new Error(`the server passes ${MOST_SERVER} ms/s: ${text}`);
    if (share + Math.max(0, grown) > MOST_CONTROL)
      throw new Error(`control passes ${MOST_CONTROL} ms/s: ${text}`);
    return text;
  } finally {
    server.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  }
}
