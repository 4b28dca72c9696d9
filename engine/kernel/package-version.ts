/** The version of this package, from the nearest package.json above: the sources and the packed code lie at different depths. */
import { readFileSync } from 'node:fs';

export function packageVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (name === 'stagelight') return String(version);
    } catch {
      // Not at this depth.
    }
  }
  return 'unknown';
}
