/** How an exported page looks: the tokens of the notebook page, light or dark as the reader's system is. */
export const EXPORT_STYLE = `:root { color-scheme: light dark; --bg: #faf9f7; --surface: #fff; --raised: #f4f2ee; --line: #e3dfd8;
  --ink: #1d1b18; --ink-2: #57514a; --accent: #a85508; --bad: #b3261e; --bad-soft: #fdeceb; --run-soft: #fcf0e0;
  --k: #7a34d6; --s: #0b6b45; --n: #a04f06; --f: #1a5fb4; --c: #6b645b; --t: #0b6a75; }
@media (prefers-color-scheme: dark) { :root { --bg: #14130f; --surface: #1b1a16; --raised: #23211c; --line: #34312a;
  --ink: #f1ede4; --ink-2: #b9b2a5; --accent: #f3a73b; --bad: #ff8a80; --bad-soft: #3a1a17; --run-soft: #33270f;
  --k: #c6a3ff; --s: #7fd6a4; --n: #f3a73b; --f: #8ab8ff; --c: #a0988a; --t: #6fd0dc; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 14px/20px system-ui, sans-serif; }
main { max-width: 920px; margin: 0 auto; padding: 24px 16px 64px; }
section { position: relative; margin: 0 0 20px; }
pre, code { font: 12.5px/18px ui-monospace, Menlo, Consolas, monospace; }
pre { margin: 0; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.code, .prose pre { padding: 8px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface);
  white-space: pre; overflow-wrap: normal; }
.raw { padding: 8px 12px; border: 1px dashed var(--line); border-radius: 8px; color: var(--ink-2); }
.count { position: absolute; top: 8px; right: 10px; color: var(--ink-2); font: 11px/16px ui-monospace, monospace; }
.marker { margin: 0 0 4px; color: var(--ink-2); font-size: 12px; }
.outputs { margin-top: 6px; padding: 2px 12px; }
.outputs > * + * { margin-top: 8px; }
.stale { margin: 0 0 8px; padding: 2px 8px; border-left: 3px solid var(--accent); background: var(--run-soft); font-size: 12px; }
.stderr { border-left: 3px solid var(--bad); padding-left: 8px; }
.error { border-left: 3px solid var(--bad); background: var(--bad-soft); padding: 6px 10px; border-radius: 4px; }
.scroll { overflow-x: auto; max-height: 480px; overflow-y: auto; }
table { border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; background: var(--raised); }

iframe { width: 100%; height: 320px; resize: vertical; overflow: auto; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
img { max-width: 100%; }
figure { margin: 0; } figcaption { color: var(--ink-2); font-size: 12px; } summary { color: var(--ink-2); font-size: 12px; }
.only-dark { display: none; } @media (prefers-color-scheme: dark) { .only-dark { display: block; } .only-light { display: none; } }
blockquote { margin: 0; padding-left: 12px; border-left: 3px solid var(--line); color: var(--ink-2); }
a { color: var(--f); }
h1 { font-size: 24px; line-height: 32px; } h2 { font-size: 20px; line-height: 28px; } h3 { font-size: 16px; line-height: 24px; }
.k { color: var(--k); } .s { color: var(--s); } .n { color: var(--n); } .f { color: var(--f); } .c { color: var(--c); } .t { color: var(--t); }
.b { font-weight: 600; } .d { color: var(--ink-2); } .i { font-style: italic; } .u { text-decoration: underline; }
.a0, .a7 { color: var(--ink-2); } .a1 { color: var(--bad); } .a2 { color: var(--s); } .a3 { color: var(--n); }
.a4 { color: var(--f); } .a5 { color: var(--k); } .a6 { color: var(--t); }
@media print { body { background: #fff; } section { break-inside: avoid-page; } }
`;
