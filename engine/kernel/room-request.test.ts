import { expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { RoomRequest } from './room-request.ts';

test('tasks that find the disk full together wait for one answer of the driver, and not for ever', async () => {
  const clock = new ManualClock();
  let asked = 0;
  const room = new RoomRequest(clock, () => asked++);
  const done: string[] = [];
  const wait = (name: string) => room.make().then(() => done.push(name));
  const first = [wait('a'), wait('b')];
  expect(asked).toBe(1);
  room.answered();
  await Promise.all(first);
  expect(done).toEqual(['a', 'b']);
  // Too late, for a request that is over.
  room.answered();
  const second = wait('c');
  expect(asked).toBe(2);
  clock.advance(1_999);
  await Promise.resolve();
  expect(done).toHaveLength(2);
  clock.advance(1);
  await second;
  expect(done).toEqual(['a', 'b', 'c']);
});
