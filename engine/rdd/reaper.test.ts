import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type ReaperOptions, startReaper } from './reaper.ts';

const EACH: ReaperOptions[] = [
  { kills: 'groups', seconds: 0 },
  { kills: 'processes', seconds: 0.1 },
];

test.each(EACH)('kills the $kills that are left when its input ends, and no others', async (options) => {
  // Each waits for its input, and leads a group.
  const [over, left, other] = [1, 2, 3].map(() => spawn('cat', { detached: true }));
  const input = startReaper(options)!;
  input.write(`+ ${over!.pid}\n+ ${left!.pid}\n- ${over!.pid}\n+ ${other!.pid}\n`);
  input.end();
  const ended = await Promise.all([once(left!, 'exit'), once(other!, 'exit')]);
  expect(ended).toEqual([
    [null, 'SIGKILL'],
    [null, 'SIGKILL'],
  ]);
  over!.kill('SIGTERM');
  expect(await once(over!, 'exit')).toEqual([null, 'SIGTERM']);
});
