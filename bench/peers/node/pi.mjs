// Pi, 100 M samples: pi.mjs <1|2> <loop|closure>  (closure: per element through a user function and a reducer, as map/reduce would)
import { Worker, isMainThread, workerData, parentPort } from 'node:worker_threads';
const N = 1e8;
const inside = () => { const x = Math.random() * 2 - 1, y = Math.random() * 2 - 1; return x * x + y * y <= 1 ? 1 : 0; };
function run(n, mode) {
  if (mode === 'loop') { let c = 0; for (let i = 0; i < n; i++) { const x = Math.random() * 2 - 1, y = Math.random() * 2 - 1; if (x * x + y * y <= 1) c++; } return c; }
  const f = new Function('return ' + inside.toString())(), add = new Function('return (a, b) => a + b')(); // closures as they arrive in a worker: from source
  let acc = 0; const B = 1024, buf = new Array(B), out = new Array(B);
  for (let i = 0; i < n; i += B) { const m = Math.min(B, n - i); for (let j = 0; j < m; j++) buf[j] = i + j; for (let j = 0; j < m; j++) out[j] = f(buf[j]); for (let j = 0; j < m; j++) acc = add(acc, out[j]); }
  return acc;
}
if (isMainThread) {
  const w = +process.argv[2], mode = process.argv[3], t0 = performance.now();
  const done = c => { console.log('JOB pi_run1', ((performance.now() - t0) / 1000).toFixed(4)); console.log('INFO pi', (4 * c / N).toFixed(2)); };
  if (w === 1) done(run(N, mode));
  else { let c = 0, left = w; for (let i = 0; i < w; i++) new Worker(new URL(import.meta.url), { workerData: { n: N / w, mode } }).once('message', x => { c += x; if (!--left) done(c); }); }
} else parentPort.postMessage(run(workerData.n, workerData.mode));
