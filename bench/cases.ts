/** The benchmark cases: our command, the peers' commands, and what each must show. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchData, RECORDS_FILE, records } from './data.ts';

export interface Contender {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
}

export interface BenchCase {
  name: string;
  title: string;
  /** Ours first. */
  contenders: Contender[];
  bars: Bar[];
  /** Makes what only this case needs. */
  prepare?: () => void;
  /** Too long for a run of all cases. */
  onlyWhenNamed?: true;
  /** A folder of `part-*` text whose rows must be equal for all contenders. */
  output?: string;
}

/** Our figure in seconds, or its ratio to the same one of a peer or to another one of ours. */
export interface Bar {
  figure: string;
  peer?: string;
  of?: string;
  atMost: number;
}

interface Places {
  root: string;
  cache: string;
  data: BenchData;
  node: string;
}

function ours({ root, node }: Places, job: string, args: string[], options: string[] = []): Contender {
  return {
    name: 'stagelight',
    command: node,
    args: [
      '--disable-warning=ExperimentalWarning',
      join(root, 'cli/main.ts'),
      'run',
      join(root, 'bench/jobs', `${job}.ts`),
      '--executors',
      '2',
      '--no-progress',
      ...options,
      '--',
      ...args,
    ],
  };
}

function handWritten({ root, node }: Places, name: string, script: string, args: string[]): Contender {
  return {
    name,
    command: node,
    args: ['--max-old-space-size=8000', join(root, 'bench/peers/node', script), ...args],
  };
}

/** Spark's Scala RDD API, when `bench/peers/install.sh` has run. */
function spark(
  { cache, data }: Places,
  which: string,
  input: string,
  output: string,
  memory = '8g',
): Contender[] {
  const peers = join(cache, 'bench-peers');
  const lib = join(peers, 'venv', 'lib');
  if (!existsSync(join(peers, 'bench.jar')) || !existsSync(lib)) return [];
  const home = join(lib, readdirSync(lib)[0]!, 'site-packages', 'pyspark');
  const conf = ['spark.ui.enabled=false', `spark.local.dir=${data.folder}`].flatMap((entry) => [
    '--conf',
    entry,
  ]);
  return [
    {
      name: 'spark',
      command: join(home, 'bin', 'spark-submit'),
      args: [
        ...['--master', 'local[2]', '--driver-memory', memory, ...conf],
        ...['--class', 'stagelightbench.Main', join(peers, 'bench.jar'), which, input, output],
      ],
      env: { SPARK_HOME: home, SPARK_LOCAL_IP: '127.0.0.1' },
    },
  ];
}

export function benchCases(places: Places): BenchCase[] {
  const { data } = places;
  const output = join(data.folder, 'out');
  const recordsFile = join(data.folder, RECORDS_FILE);
  return [
    {
      name: 'word-count',
      title: 'word count, 256 MB, 35 M words, whole process',
      contenders: [
        ours(places, 'word-count', [data.corpus, output]),
        handWritten(places, 'node', 'word-count.mjs', [data.folder, output, 'map']),
        ...spark(places, 'word-count', data.corpus, output),
      ],
      bars: [
        { figure: 'wall', peer: 'spark', atMost: 1 / 3 },
        { figure: 'wall', peer: 'node', atMost: 1.3 },
      ],
      output,
    },
    {
      name: 'pairs',
      title: 'group-sum, sort and self-join of 5 M pairs from csv',
      contenders: [
        ours(places, 'pairs', [data.pairs], ['--executor-memory', '3g']),
        handWritten(places, 'node', 'pairs.mjs', [data.folder, output, 'plain']),
        ...spark(places, 'pairs', data.pairs, output),
      ],
      bars: ['groupsum', 'sort', 'join'].map((figure) => ({ figure, peer: 'spark', atMost: 1 / 3 })),
    },
    {
      name: 'big-sort',
      title: 'sort of 50 M records of 100 bytes (5 GB) with 1 GB of memory',
      onlyWhenNamed: true,
      prepare: () => records(data.folder),
      contenders: [
        ours(places, 'big-sort', [recordsFile, '160'], ['--executor-memory', '512m']),
        ...spark(places, 'big-sort', recordsFile, '160', '1g'),
      ],
      bars: [{ figure: 'big_sort', peer: 'spark', atMost: 1 }],
    },
    {
      name: 'cached',
      title: 'three passes over 5 M cached pairs from csv',
      contenders: [ours(places, 'cached', [data.pairs]), ...spark(places, 'cached', data.pairs, output)],
      bars: [{ figure: 'second_pass', of: 'first_pass', atMost: 1 / 5 }],
    },
    {
      name: 'pi',
      title: 'Monte Carlo pi, 100 M samples',
      contenders: [
        ours(places, 'pi', []),
        handWritten(places, 'node', 'pi.mjs', ['2', 'closure']),
        ...spark(places, 'pi', '-', output),
      ],
      bars: [{ figure: 'pi_run1', peer: 'node', atMost: 1.2 }],
    },
    {
      name: 'latency',
      title: 'a tiny job, warm',
      contenders: [ours(places, 'latency', []), ...spark(places, 'latency', '-', output)],
      bars: [{ figure: 'tiny_job', atMost: 0.005 }],
    },
    {
      name: 'tasks',
      title: '10,000 empty tasks, event log on',
      contenders: [
        ours(places, 'tasks', [], ['--events', join(data.folder, 'tasks.jsonl')]),
        ...spark(places, 'tasks', '-', output),
      ],
      bars: [{ figure: 'tasks10k_run2', atMost: 0.5 }],
    },
    {
      name: 'first-result',
      title: 'process start to first result',
      contenders: [ours(places, 'first-result', []), ...spark(places, 'first-result', '-', output)],
      bars: [{ figure: 'wall', atMost: 1 }],
    },
    {
      name: 'page',
      title: 'the page in a browser: first cell result with a cold kernel, and 2,000 tasks/s to the screen',
      contenders: [
        {
          name: 'stagelight',
          command: places.node,
          args: ['--disable-warning=ExperimentalWarning', join(places.root, 'bench/page.ts')],
        },
      ],
      bars: [
        { figure: 'first_cell', atMost: 1.5 },
        { figure: 'event_to_pixel_p95', atMost: 0.15 },
      ],
    },
  ];
}
