/**
 * `npm run -s soak -- [NAME…]`: the long proofs, one file each in `bench/soaks`. Prints a line per proof and ends
 * with the line `N passed, N failed`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Soak {
  /** Throws when the proof fails; resolves to what was shown, in one line. */
  run(): Promise<string>;
}

const folder = join(import.meta.dirname, 'soaks');
const known = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3));
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !known.includes(name));
if (unknown !== undefined) {
  console.error(`soak: there is no proof "${unknown}". Proofs: ${known.join(', ')}`);
  process.exit(2);
}
let passed = 0;
let failed = 0;
for (const name of wanted.length > 0 ? wanted : known) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const { run } = (await import(join(folder, `${name}.ts`))) as Soak;
    console.log(`✓ ${name}: ${await run()} (${seconds()})`);
    passed += 1;
  } catch (error) {
    console.log(`✕ ${name}: ${error instanceof Error ? error.stack : error} (${seconds()})`);
    failed += 1;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
