/** fast-check as the tests see it: every property draws its values from one seed, unless $SEED says otherwise. */
import fc from '../node_modules/fast-check/lib/fast-check.js';

const { SEED = '20261121' } = process.env;
if (SEED !== 'random') fc.configureGlobal({ seed: Number(SEED) });

export * from '../node_modules/fast-check/lib/fast-check.js';
export default fc;
