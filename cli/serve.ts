/** `stagelight serve`: the server, its address on the terminal, and its orderly end. */
import { spawn } from 'node:child_process';
import { parseServerOptions, SERVE_USAGE } from '../server/options.ts';
import { startServer } from '../server.ts';

function openBrowser(url: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  // Without a desktop there is no such command; the printed address is enough then.
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

/** Serves until a signal ends it; resolves to the exit code. */
export async function runServe(argv: string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${SERVE_USAGE}\n`);
    return 0;
  }
  const options = parseServerOptions(argv, process.env, process.cwd());
  const server = await startServer(options);
  process.stdout.write(`Stagelight serves ${options.root}\n\n    ${server.url}\n\n`);
  if (server.warning) process.stderr.write(`${server.warning}\n`);
  if (options.open && process.stdout.isTTY) openBrowser(server.url);
  return new Promise((resolve) => {
    let ending = false;
    const end = () => {
      if (ending) process.exit(1);
      ending = true;
      server.close().then(
        () => resolve(0),
        () => resolve(1),
      );
    };
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
    process.on('SIGHUP', end);
  });
}
