#!/usr/bin/env node
/** `stagelight`: serves notebooks, or runs one of the other commands. Each command's code is loaded when used. */
import { errorToData } from '../engine/errors.ts';
import { takeServerFlags } from './server-flags.ts';

const USAGE = `stagelight [serve] [options]      serve notebooks in the browser
stagelight run FILE [options]     run a script or notebook without a page
stagelight check FILE…            check the types of notebooks and scripts
stagelight history FILE [--json]  summarise an event log
stagelight convert FILE [options] a notebook to or from Jupyter's format, or to one HTML file
stagelight COMMAND --help         the options of a command`;

const COMMANDS: Record<string, (argv: string[]) => Promise<number>> = {
  serve: async (argv) => {
    takeServerFlags();
    return (await import('./serve.ts')).runServe(argv);
  },
  run: async (argv) => (await import('./run.ts')).runJob(argv),
  check: async (argv) => (await import('./check.ts')).runCheck(argv),
  convert: async (argv) => (await import('./convert.ts')).runConvert(argv),
  history: async (argv) => (await import('./history.ts')).runHistory(argv),
};

async function main(argv: string[]): Promise<number> {
  const [first = 'serve', ...rest] = argv;
  if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (first.startsWith('-')) return COMMANDS['serve']!(argv);
  const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (!command) {
    process.stderr.write(`stagelight: there is no command "${first}"\n${USAGE}\n`);
    return 2;
  }
  return command(rest);
}

/** As a shell reports a process that wrote to a pipe nobody reads (`| head`). */
const EXIT_BROKEN_PIPE = 141;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_BROKEN_PIPE);
    throw error;
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { message, hint } = errorToData(error);
  process.stderr.write(`stagelight: ${message}\n${hint ? `${hint}\n` : ''}`);
  process.exitCode = 1;
}
