/** Results that travel as files: what is not as it was written is an error by name, never other rows. */
import fs, { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { withContext } from '../testing.ts';
import { readResultFile, readResultFileAsync } from './result-file.ts';

const lost = (what: string) =>
  expect.objectContaining({
    code: 'RESULT_LOST',
    message: expect.stringContaining(what),
    hint: expect.stringContaining('Run the action again'),
  });

test('a file that is whole is read; one that was changed, cut short or deleted is lost', () =>
  withContext({}, async ({ folder }) => {
    const bytes = Buffer.from('rows of a result');
    const file = join(folder, 'result');
    const result = { file, length: bytes.length, crc: crc32(bytes) };
    writeFileSync(file, bytes);
    expect(readResultFile(result)).toEqual(bytes);
    expect(await readResultFileAsync(result)).toEqual(bytes);
    const harms: [string, () => void][] = [
      ['was damaged', () => writeFileSync(file, 'rows of A result')],
      ['was damaged', () => writeFileSync(file, bytes.subarray(0, 4))],
      ['cannot be read: ENOENT', () => rmSync(file)],
    ];
    for (const [what, harm] of harms) {
      harm();
      expect(() => readResultFile(result)).toThrow(lost(what));
      await expect(readResultFileAsync(result)).rejects.toThrow(lost(what));
    }
  }));

test('an action whose result was damaged on the way fails by name, and leaves no files', () =>
  withContext({}, async ({ sc, folder }) => {
    const { readFileSync } = fs;
    const flipped = (...call: Parameters<typeof readFileSync>) => {
      const bytes = readFileSync(...call) as Buffer;
      if (/taskresult_\d+$/.test(String(call[0]))) bytes[bytes.length >> 1]! ^= 1;
      return bytes;
    };
    const texts = sc.range(0, 4, 1, 4).map((n) => `${n}`.repeat(300_000));
    Object.assign(fs, { readFileSync: flipped });
    syncBuiltinESMExports();
    try {
      await expect(texts.collect()).rejects.toThrow(lost('was damaged'));
    } finally {
      Object.assign(fs, { readFileSync });
      syncBuiltinESMExports();
    }
    expect(readdirSync(join(folder, '.blocks')).filter((name) => name.startsWith('taskresult'))).toEqual([]);
    expect((await texts.collect()).map((text) => text.length)).toEqual([300_000, 300_000, 300_000, 300_000]);
  }));
