/** `stagelight history FILE [--json]`: what a run did, from its event log. */
import { errorToData } from '../engine/errors.ts';
import { openEventLog } from '../engine/kernel/event-log-reader.ts';
import { summarizeHistory } from './history-summary.ts';
import { formatHistory, printable } from './history-text.ts';

const USAGE = 'Usage: stagelight history FILE [--json]';
const MAX_WARNINGS = 5;

export interface HistoryOutput {
  write(text: string): void;
  writeError(text: string): void;
}

/** A reader that closes the pipe early, like `head`, has seen enough: that is no error. */
function terminal(): HistoryOutput {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  };
}

/** Prints the summary; returns the exit code: 0, 1 for a log that cannot be read, 2 for wrong arguments. */
export async function runHistory(argv: string[], output: HistoryOutput = terminal()): Promise<number> {
  const files = argv.filter((argument) => !argument.startsWith('-') || argument === '-');
  const options = argv.filter((argument) => !files.includes(argument));
  if (options.includes('--help') || options.includes('-h')) {
    output.write(`${USAGE}\n\nSummarises an event log written by 'stagelight run --events FILE'.\n`);
    return 0;
  }
  const unknown = options.find((option) => option !== '--json');
  const [file, ...more] = files;
  if (unknown !== undefined || file === undefined || more.length > 0) {
    const fault = unknown === undefined ? 'name one event log' : `there is no option ${printable(unknown)}`;
    output.writeError(`stagelight history: ${fault}\n${USAGE}\n`);
    return 2;
  }
  const warnings: string[] = [];
  let warned = 0;
  try {
    const state = await openEventLog(file, {
      onWarning: (message) => {
        if (++warned <= MAX_WARNINGS) warnings.push(message);
      },
    });
    const history = summarizeHistory(state);
    output.write(
      options.includes('--json') ? `${JSON.stringify(history, null, 2)}\n` : formatHistory(history),
    );
    for (const warning of warnings) output.writeError(`warning: ${printable(warning)}\n`);
    if (warned > MAX_WARNINGS) output.writeError(`warning: and ${warned - MAX_WARNINGS} more like these\n`);
    return 0;
  } catch (error) {
    const { message, hint } = errorToData(error);
    output.writeError(`stagelight history: ${printable(message)}\n${hint ? `${hint}\n` : ''}`);
    return 1;
  }
}
