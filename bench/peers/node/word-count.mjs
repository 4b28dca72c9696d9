// word count, two worker_threads, byte ranges: wc2.mjs <data> <out> [map|bytes]
//  map:   every worker decodes 4 MB pieces, splits, counts in a Map of strings, posts its Map's entries
//  bytes: every worker hashes bytes straight into its own open-addressed table, a string is made once per distinct word
import fs from 'node:fs';
import { Worker, isMainThread, workerData, parentPort } from 'node:worker_threads';
const W = 2;
if (isMainThread) {
  const [d, out, mode = 'bytes'] = process.argv.slice(2);
  const t0 = performance.now(), file = d + '/corpus.txt', size = fs.statSync(file).size, total = new Map();
  let left = W;
  for (let i = 0; i < W; i++) {
    const from = Math.floor(size * i / W), to = Math.floor(size * (i + 1) / W);
    new Worker(new URL(import.meta.url), { workerData: { file, from, to, mode } }).once('message', ({ words, counts, ms }) => {
      const ws = words.split('\n');
      for (let j = 0; j < ws.length; j++) total.set(ws[j], (total.get(ws[j]) ?? 0) + counts[j]);
      if (--left) return;
      fs.mkdirSync(out, { recursive: true });
      const parts = ['', '']; let k = 0;
      for (const [w, c] of total) parts[k++ & 1] += '(' + w + ',' + c + ')\n';
      parts.forEach((p, i) => fs.writeFileSync(`${out}/part-0000${i}`, p));
      console.log('JOB wordcount', ((performance.now() - t0) / 1000).toFixed(4));
    });
  }
} else {
  const { file, from, to, mode } = workerData, t0 = performance.now();
  const fd = fs.openSync(file, 'r'), CH = 4 << 20, buf = Buffer.allocUnsafe(CH);
  // a range owns the lines that START in it: skip to the first line start, read past the end to finish the last line
  let pos = from;
  if (from > 0) { const n = fs.readSync(fd, buf, 0, 65536, from - 1); pos = from + buf.subarray(0, n).indexOf(10); }
  const stopAfter = to;
  const eachPiece = f => {            // f gets [start,end) of whole lines in buf
    let keep = 0;                     // bytes of an unfinished line at the front
    for (;;) {
      const n = fs.readSync(fd, buf, keep, CH - keep, pos);
      const base = pos - keep, len = keep + n;
      if (len === 0) return;
      pos += n;
      let end;
      if (base + len >= stopAfter) {  // the line holding byte stopAfter-1 is the last one
        end = buf.subarray(0, len).indexOf(10, Math.max(0, stopAfter - 1 - base)) + 1;
        if (end === 0 && n === 0) end = len;
        if (end > 0) { f(0, end); return; }
      }
      end = buf.subarray(0, len).lastIndexOf(10) + 1;
      if (n === 0) { f(0, len); return; }
      f(0, end); keep = len - end; buf.copyWithin(0, end, len);
    }
  };
  if (mode === 'map') {
    const m = new Map();
    eachPiece((s, e) => {
      if (buf[e - 1] === 10) e--;
      for (const l of buf.latin1Slice(s, e).split('\n')) for (const w of l.split(' ')) m.set(w, (m.get(w) ?? 0) + 1);
    });
    const counts = new Uint32Array(m.size); let i = 0; for (const c of m.values()) counts[i++] = c;
    parentPort.postMessage({ words: [...m.keys()].join('\n'), counts, ms: performance.now() - t0 }, [counts.buffer]);
  } else {
    let cap = 1 << 18, mask = cap - 1, used = 0, top = 0;
    let slotHash = new Int32Array(cap), slotOff = new Int32Array(cap).fill(-1), slotLen = new Int32Array(cap), slotCnt = new Int32Array(cap);
    let arena = new Uint8Array(1 << 22);
    const grow = () => {
      const oh = slotHash, oo = slotOff, ol = slotLen, oc = slotCnt, on = cap;
      cap *= 2; mask = cap - 1;
      slotHash = new Int32Array(cap); slotOff = new Int32Array(cap).fill(-1); slotLen = new Int32Array(cap); slotCnt = new Int32Array(cap);
      for (let i = 0; i < on; i++) if (oo[i] >= 0) { let s = oh[i] & mask; while (slotOff[s] >= 0) s = (s + 1) & mask; slotHash[s] = oh[i]; slotOff[s] = oo[i]; slotLen[s] = ol[i]; slotCnt[s] = oc[i]; }
    };
    const add = (s, e, h) => {
      h ^= h >>> 15; h = Math.imul(h, 0x2c1b3c6d); h ^= h >>> 12;
      const len = e - s; let i = h & mask;
      probe: for (;;) {
        const o = slotOff[i];
        if (o < 0) break;
        if (slotHash[i] === h && slotLen[i] === len) {
          let k = 0; for (; k < len; k++) if (arena[o + k] !== buf[s + k]) { i = (i + 1) & mask; continue probe; }
          slotCnt[i]++; return;
        }
        i = (i + 1) & mask;
      }
      if (top + len > arena.length) { const a = new Uint8Array(arena.length * 2 + len); a.set(arena); arena = a; }
      arena.set(buf.subarray(s, e), top);
      slotHash[i] = h; slotOff[i] = top; slotLen[i] = len; slotCnt[i] = 1; top += len;
      if (++used * 2 > cap) grow();
    };
    eachPiece((s, e) => {
      let w = s, h = 0;
      for (let p = s; p < e; p++) {
        const c = buf[p];
        if (c === 32 || c === 10) { if (p > w) add(w, p, h); w = p + 1; h = 0; }
        else h = (Math.imul(h, 31) + c) | 0;
      }
      if (w < e) add(w, e, h);
    });
    const counts = new Uint32Array(used), ws = new Array(used); let n = 0;
    const ab = Buffer.from(arena.buffer);
    for (let i = 0; i < cap; i++) if (slotOff[i] >= 0) { counts[n] = slotCnt[i]; ws[n++] = ab.latin1Slice(slotOff[i], slotOff[i] + slotLen[i]); }
    parentPort.postMessage({ words: ws.join('\n'), counts, ms: performance.now() - t0 }, [counts.buffer]);
  }
}
