/** Tags the functions of the engine's own tests, so that a test may pass closures to RDD operators. */
import { fileURLToPath } from 'node:url';
import { tagModule } from './tag-module.ts';

const ENGINE = fileURLToPath(new URL('../', import.meta.url));
const RUNTIME = fileURLToPath(new URL('./tag.ts', import.meta.url));

/** A Vite plugin; its type is left to Vite, which the engine does not import. */
export function tagFunctionsOfTests() {
  return {
    name: 'stagelight-tag-functions',
    enforce: 'pre' as const,
    transform(text: string, id: string) {
      const file = id.replace(/\?.*$/, '');
      if (!file.startsWith(ENGINE) || !file.endsWith('.test.ts')) return undefined;
      return { code: `import ${JSON.stringify(RUNTIME)};${tagModule(text, file).code}`, map: null };
    },
  };
}
