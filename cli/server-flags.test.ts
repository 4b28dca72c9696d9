import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SERVER_FLAGS } from './server-flags.ts';

test.runIf(process.platform !== 'win32')(
  'the command serves with them in the process that was started',
  () => {
    const watch = 'data:text/javascript,console.error(JSON.stringify([process.pid,...process.execArgv]))';
    const { pid, stderr, status } = spawnSync(
      process.execPath,
      ['--stack-size=900', join(import.meta.dirname, 'main.ts'), 'serve', '--no-such-option'],
      { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: `--import=${watch}` } },
    );
    const [before, after, said] = stderr.split('\n');
    expect(JSON.parse(before!)).toEqual([pid, '--stack-size=900']);
    expect(JSON.parse(after!)).toEqual([pid, ...SERVER_FLAGS, '--stack-size=900']);
    expect(said).toMatch(/^stagelight: .*no-such-option/);
    expect(status).toBe(1);
  },
);
