import { expect, test } from 'vitest';
import { parseDuration, parseServerOptions, parseSize } from './options.ts';

test('the command line comes before the environment, the environment before defaults', () => {
  const env = { STAGELIGHT_PORT: '9000', STAGELIGHT_EXECUTORS: '3', STAGELIGHT_IDLE_KERNEL: '90s' };
  const options = parseServerOptions(['--port', '9001', '--no-open', '--root', 'nb'], env, '/home/me');
  expect(options).toMatchObject({
    port: 9001,
    portIsFixed: true,
    executors: 3,
    idleKernel: 90_000,
    open: false,
    host: '127.0.0.1',
    root: '/home/me/nb',
  });
  expect(parseServerOptions([], {}, '/').portIsFixed).toBe(false);
});

test('sizes and times', () => {
  expect(parseSize('executor-memory', '1.5g')).toBe(1.5 * 1024 ** 3);
  expect(parseSize('executor-memory', '512M')).toBe(512 * 1024 ** 2);
  expect(parseDuration('idle-kernel', '4h')).toBe(14_400_000);
});

test.each([
  [['--port', 'x'], '--port is "x"'],
  [['--executors', '0'], '--executors is "0"'],
  [['--executor-memory', 'lots'], '--executor-memory is "lots"'],
  [['--idle-kernel', '4'], '--idle-kernel is "4"'],
  [['--tls-cert', 'a'], 'only one of --tls-cert and --tls-key is given'],
])('%j is refused', (argv, message) => {
  expect(() => parseServerOptions(argv, {}, '/')).toThrow(message);
});

test('an unknown option is refused with the usage', () => {
  expect(() => parseServerOptions(['--prot', '1'], {}, '/')).toThrow(/Unknown option '--prot'/);
});
