/** Builds the page if its sources changed, in a process of its own: `npm test` does other things meanwhile. */
import { ensureBuilt } from './launch.mjs';

ensureBuilt();
