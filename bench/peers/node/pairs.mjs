// group/sum, sort, self-join of kv.csv, one thread: kv.mjs <data> <out> <plain|typed>
//  plain: [k, v] pairs, Map, Array.sort -- what a closure API works on;  typed: typed arrays, byte parser, radix sort, hash table (the limit)
import fs from 'node:fs';
const [d, , mode] = process.argv.slice(2);
const job = (name, f) => { const t = performance.now(), r = f(); console.log('JOB', name, ((performance.now() - t) / 1000).toFixed(4)); return r; };
const info = (k, v) => console.log('INFO', k, v);
if (mode === 'plain') {
  const load = () => {
    const fd = fs.openSync(d + '/kv.csv', 'r'), buf = Buffer.allocUnsafe(1 << 20), a = []; let tail = '', n;
    while ((n = fs.readSync(fd, buf, 0, buf.length, null)) > 0) {
      const lines = (tail + buf.latin1Slice(0, n)).split('\n'); tail = lines.pop();
      for (const l of lines) { const i = l.indexOf(','); a.push([+l.slice(0, i), +l.slice(i + 1)]); }
    }
    return a;
  };
  job('groupsum', () => { const m = new Map(); for (const [k, v] of load()) m.set(k, (m.get(k) ?? 0) + v); let s = 0; for (const v of m.values()) s += v; info('groupsum', `${m.size},${s.toFixed(0)}`); });
  job('load_only', load);
  job('sort', () => { const a = load().sort((x, y) => x[0] - y[0]); let ok = true; for (let i = 1; i < a.length; i++) if (a[i - 1][0] > a[i][0]) ok = false; info('sort', `${a.length},${ok}`); });
  job('join', () => {
    const a = load(), b = load(), m = new Map();
    for (const [k, v] of a) { const x = m.get(k); if (x) x.push(v); else m.set(k, [v]); }
    let n = 0, s = 0; for (const [k, w] of b) { const x = m.get(k); if (x) for (const v of x) { n++; s += v * w; } }
    info('join', `${n},${(s / 1e6).toFixed(0)}e6`);
  });
} else {
  const load = () => {
    const b = fs.readFileSync(d + '/kv.csv'), K = new Int32Array(8e6), V = new Float64Array(8e6); let n = 0, p = 0; const L = b.length;
    while (p < L) {
      let k = 0, c; while ((c = b[p++]) !== 44) k = k * 10 + (c - 48);
      let m = 0, sc = 1, dot = false; while (p < L && (c = b[p++]) !== 10) { if (c === 46) dot = true; else { m = m * 10 + (c - 48); if (dot) sc *= 10; } }
      K[n] = k; V[n++] = m / sc;
    }
    return [K.subarray(0, n), V.subarray(0, n)];
  };
  const table = K => {            // open addressing int -> dense group id
    let cap = 1 << 22, mask = cap - 1, g = 0; const key = new Int32Array(cap), id = new Int32Array(cap).fill(-1), gid = new Int32Array(K.length);
    for (let i = 0; i < K.length; i++) { const k = K[i]; let h = Math.imul(k, 0x9e3779b1) >>> 10 & mask; while (id[h] >= 0 && key[h] !== k) h = (h + 1) & mask; if (id[h] < 0) { id[h] = g++; key[h] = k; } gid[i] = id[h]; }
    return [g, gid];
  };
  job('groupsum', () => { const [K, V] = load(), [g, gid] = table(K), S = new Float64Array(g); for (let i = 0; i < K.length; i++) S[gid[i]] += V[i]; let s = 0; for (let i = 0; i < g; i++) s += S[i]; info('groupsum', `${g},${s.toFixed(0)}`); });
  job('load_only', load);
  job('sort', () => {
    let [K, V] = load(), n = K.length, K2 = new Int32Array(n), V2 = new Float64Array(n); const c = new Uint32Array(1 << 11);
    for (let sh = 0; sh < 32; sh += 11) {
      c.fill(0); for (let i = 0; i < n; i++) c[(K[i] >>> sh) & 2047]++;
      let s = 0; for (let i = 0; i < 2048; i++) { const x = c[i]; c[i] = s; s += x; }
      for (let i = 0; i < n; i++) { const q = c[(K[i] >>> sh) & 2047]++; K2[q] = K[i]; V2[q] = V[i]; }
      [K, K2] = [K2, K]; [V, V2] = [V2, V];
    }
    let ok = true; for (let i = 1; i < n; i++) if (K[i - 1] > K[i]) ok = false; info('sort', `${n},${ok}`);
  });
  job('join', () => {
    const [K, V] = load(), [g, gid] = table(K), start = new Int32Array(g + 1), n = K.length, by = new Float64Array(n);
    for (let i = 0; i < n; i++) start[gid[i] + 1]++; for (let i = 0; i < g; i++) start[i + 1] += start[i];
    const at = start.slice(); for (let i = 0; i < n; i++) by[at[gid[i]]++] = V[i];
    let m = 0, s = 0; for (let i = 0; i < n; i++) { const q = gid[i]; for (let j = start[q]; j < start[q + 1]; j++) { m++; s += by[j] * V[i]; } }
    info('join', `${m},${(s / 1e6).toFixed(0)}e6`);
  });
}
