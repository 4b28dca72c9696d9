/** The browser of the tests: $CHROMIUM, else the one that comes as a dependency, unpacked into the project's cache. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const CACHE = join(import.meta.dirname, '..', '.cache');

export async function chromiumPath(): Promise<string> {
  const given = process.env['CHROMIUM'];
  if (given) return given;
  const home = packageFolder(createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  // The package unpacks into the temporary folder and reuses whatever lies there: give each version its own.
  const folder = join(CACHE, `chromium-${version}`);
  mkdirSync(folder, { recursive: true });
  // The package's own font configuration names the temporary folder it expects; without fonts Chromium aborts.
  const fontConfiguration = join(folder, 'fontconfig');
  mkdirSync(fontConfiguration, { recursive: true });
  writeFileSync(
    join(fontConfiguration, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${join(folder, 'fonts')}</dir>` +
      `<cachedir>${join(fontConfiguration, 'cache')}</cachedir></fontconfig>`,
  );
  process.env['FONTCONFIG_PATH'] = fontConfiguration;
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    const { default: chromium, inflate, setupLambdaEnvironment } = await import('@sparticuz/chromium');
    setupLambdaEnvironment(join(folder, 'al2023', 'lib'));
    await inflate(join(home, 'bin', 'al2023.tar.br'));
    return await chromium.executablePath();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

function packageFolder(entry: string): string {
  let folder = dirname(entry);
  while (!existsSync(join(folder, 'bin'))) folder = dirname(folder);
  return folder;
}
