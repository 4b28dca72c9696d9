/** How the pages are built. Types and lint are checks of `npm test`, so that a start never waits for them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NextConfig } from 'next';
import { PHASE_PRODUCTION_SERVER } from 'next/constants.js';

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: import.meta.dirname },
};

/** A build outside of the launcher serves the engine's types, too. */
export default (phase: string): NextConfig => {
  const written = join(import.meta.dirname, 'public', 'types', 'stagelight.json');
  if (phase !== PHASE_PRODUCTION_SERVER && !existsSync(written))
    spawnSync(process.execPath, [join(import.meta.dirname, 'scripts', 'page-types.mjs')], {
      stdio: 'inherit',
    });
  return config;
};
