/** The exported page: everything readable without a script, and nothing of a cell runs outside its frame. */
import { expect, test } from 'vitest';
import type { CellOutput } from '../protocol.ts';
import { ansiHtml } from './ansi-html.ts';
import { codeHtml } from './code-html.ts';
import { exportHtml } from './export-html.ts';
import { markdownHtml } from './markdown-html.ts';

const ATTACK = `</pre></style><script>alert(1)</script><img src=x onerror=alert(2)>" onload="x' &`;
const code = (outputs: CellOutput[], more = {}) => ({
  cellId: 'c',
  kind: 'code' as const,
  source: ATTACK,
  markerText: ATTACK,
  outputs,
  ...more,
});

const ATTACKS: { [K in CellOutput['kind']]: CellOutput } = {
  stream: { kind: 'stream', stream: 'stdout', text: ATTACK },
  text: { kind: 'text', text: `\u001b[31m${ATTACK}` },
  table: { kind: 'table', columns: [{ name: ATTACK, type: 'string' }], rows: [[ATTACK]], preview: ATTACK },
  json: { kind: 'json', value: ATTACK, text: ATTACK },
  html: { kind: 'html', html: ATTACK },
  markdown: {
    kind: 'markdown',
    text: `${ATTACK}\n\n[x](javascript:alert(1)) ![${ATTACK}](data:text/html,x)`,
  },
  image: { kind: 'image', mime: 'image/png', base64: ATTACK },
  plot: {
    kind: 'plot',
    key: ATTACK,
    spec: { title: ATTACK },
    columns: [],
    layers: [
      { mark: 'dot', channels: { x: { label: ATTACK, type: 'string', values: [ATTACK] } }, options: {} },
    ],
    domains: {},
    rows: { shown: 1, total: 1, how: 'all' },
    notes: [ATTACK],
  },
  error: {
    kind: 'error',
    error: { code: 'USER', name: ATTACK, message: ATTACK, hint: ATTACK, stack: ATTACK },
  },
};

test.each(Object.values(ATTACKS))('$kind holds no markup of the cell outside a sandboxed frame', (output) => {
  const page = exportHtml([code([output], { stale: true }), { ...code([]), kind: 'markdown' }], ATTACK, true);
  const body = page.replace(/<style>[\s\S]*?<\/style>/, '');
  // What is left when every attribute's value and every text is taken away are our own tags.
  const tags = body.match(/<[a-z][^\s>]*(?:\s+[a-z-]+(?:="[^"]*")?)*\s*>/g)!;
  expect(tags.filter((tag) => /^<(script|object|embed|link|base|form)/.test(tag))).toEqual([]);
  expect(tags.filter((tag) => /\son\w+=/.test(tag.replace(/="[^"]*"/g, '=""')))).toEqual([]);
  expect(body.replace(/="[^"]*"/g, '')).not.toMatch(/<script|<img src=x/);
  expect(body).not.toMatch(/(href|src)="\s*(javascript|data:text)/);
  for (const frame of body.match(/<iframe[^>]*>/g) ?? [])
    expect(frame).toMatch(/^<iframe sandbox="allow-scripts" /);
  expect(page).toContain(`http-equiv="Content-Security-Policy" content="default-src 'none'`);
  expect(page).toMatch(/prefers-color-scheme: dark/);
});

test('stale outputs are marked, counts and cuts are said', () => {
  const table: CellOutput = {
    kind: 'table',
    columns: [{ name: 'n', type: 'number' }],
    rows: [[1]],
    total: 5,
  };
  const page = exportHtml([code([table], { stale: true, executionCount: 7 })], 'T');
  expect(page).toContain('The code was changed after this output was made.');
  expect(page).toContain('[7]');
  expect(page).toContain('showing 1 of 5 rows');
  expect(exportHtml([code([table])], 'T')).not.toContain('The code was changed');
});

test.each([
  ['# A *b*', '<h1>A <em>b</em></h1>'],
  ['Title\n=====\ntext', '<h1>Title</h1>\n<p>text</p>'],
  ['a\nb  \nc', '<p>a\nb  <br>\nc</p>'],
  ['- a\n- b\n  - c', '<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul></li>\n</ul>'],
  ['3. x\n4. y', '<ol start="3">\n<li>x</li>\n<li>y</li>\n</ol>'],
  ['- [x] done', '<ul>\n<li><input type="checkbox" disabled checked> done</li>\n</ul>'],
  ['> quote\n> more', '<blockquote><p>quote\nmore</p></blockquote>'],
  ['```\n<b>\n```', '<pre><code>&lt;b&gt;</code></pre>'],
  [
    '| a | b |\n|---|--:|\n| 1 | `x` |',
    '<table>\n<thead><tr><th>a</th><th style="text-align:right">b</th></tr></thead>\n<tbody>\n<tr><td>1</td><td style="text-align:right"><code>x</code></td></tr>\n</tbody>\n</table>',
  ],
  [
    '[a](https://x.y/z_(1)) <https://b.c> https://d.e.',
    '<p><a href="https://x.y/z_(1)">a</a> <a href="https://b.c">https://b.c</a> <a href="https://d.e">https://d.e</a>.</p>',
  ],
  [
    '**b** ~~s~~ `<i>` snake_case_name \\*no\\*',
    '<p><strong>b</strong> <del>s</del> <code>&lt;i&gt;</code> snake_case_name *no*</p>',
  ],
  ['[x](javascript:alert(1))', '<p>x</p>'],
  ['<b onclick="x">raw</b>', '<p>&lt;b onclick=&quot;x&quot;&gt;raw&lt;/b&gt;</p>'],
  ['a\n\n---\n\nb', '<p>a</p>\n<hr>\n<p>b</p>'],
])('Markdown %j', (text, html) => {
  expect(markdownHtml(text)).toBe(html);
});

test('Markdown that nests without end, or is one long line, ends in time', () => {
  expect(markdownHtml('> '.repeat(5000)).length).toBeGreaterThan(0);
  expect(markdownHtml('['.repeat(5000)).length).toBeGreaterThan(0);
  expect(markdownHtml('**a '.repeat(2000)).length).toBeGreaterThan(0);
});

const SPACES = ' '.repeat(100_000);

test.each<[string, string]>([
  ['open brackets', '['.repeat(100_000)],
  ['links in links', `${'['.repeat(5000)}x${'](y)'.repeat(5000)}`],
  ['stars', '*a '.repeat(50_000)],
  ['double stars', '**a '.repeat(50_000)],
  ['underscores', '_a '.repeat(50_000)],
  ['addresses behind letters', 'xhttp://a'.repeat(15_000)],
  ['a heading of spaces', `# a${SPACES}x`],
  ['a fence of spaces', `\`\`\`${SPACES}\`x`],
  ['a long fence', `${'`'.repeat(100_000)}\na\n${'`'.repeat(100_000)}`],
  ['a table of spaces', `a|b\n-${SPACES}x`],
  ['quotes in quotes', Array.from({ length: 30 }, (_, i) => `${'> '.repeat(i)}a`).join('\n')],
  ['code like a regex', `\`\`\`ts\n${'/['.repeat(50_000)}\n\`\`\``],
])('Markdown of %s is read in one go', (_name, text) => {
  // Each took from ten seconds to minutes where a sign was searched for again from every earlier one.
  expect(markdownHtml(text).length).toBeGreaterThan(10);
});

test.each<[string, string]>([
  ['# a #', '<h1>a</h1>'],
  ['## a b ## ', '<h2>a b</h2>'],
  ['# a#', '<h1>a#</h1>'],
  ['#', '<h1></h1>'],
  ['#a', '<p>#a</p>'],
  ['a\n> b', '<p>a</p>\n<blockquote><p>b</p></blockquote>'],
  [
    'a\n| b | c |\n| - | - |',
    '<p>a</p>\n<table>\n<thead><tr><th>b</th><th>c</th></tr></thead>\n<tbody>\n\n</tbody>\n</table>',
  ],
  ['*a **b** c*', '<p><em>a <strong>b</strong> c</em></p>'],
  ['**a *b', '<p>**a *b</p>'],
  ['[[a](b)](c)', '<p><a href="c"><a href="b">a</a></a></p>'],
])('Markdown keeps %j', (text, html) => {
  expect(markdownHtml(text)).toBe(html);
});

test('code is coloured by its tokens', () => {
  expect(codeHtml('const x = f(1, "a<b"); // no')).toBe(
    '<span class="k">const</span> x = <span class="f">f</span>(<span class="n">1</span>, <span class="s">&quot;a&lt;b&quot;</span>); <span class="c">// no</span>',
  );
  expect(codeHtml('a / b / c; x = /re"/g')).toBe('a / b / c; x = <span class="s">/re&quot;/g</span>');
});

test('colours of a terminal stay, its other sequences go', () => {
  expect(ansiHtml('\u001b[1;31mred\u001b[0m\u001b[2K <b>')).toBe('<span class="b a1">red</span> &lt;b&gt;');
});

test('nothing that a strange file says where a number or a word should be becomes markup', () => {
  const evil = '"><script>' as unknown as number & 'stdout' & 'characters' & 'image/png';
  const outputs: CellOutput[] = [
    { kind: 'stream', stream: evil, text: 'x', dropped: evil },
    { kind: 'text', text: 'x', truncated: { shown: evil, total: evil, unit: evil } },
    { kind: 'image', mime: evil, base64: evil },
    {
      kind: 'error',
      error: { code: 'USER', name: 'E', message: 'm', position: { file: 'f', line: evil, column: evil } },
    },
  ];
  const cell = { cellId: evil, kind: 'code' as const, source: '', markerText: evil, outputs };
  expect(exportHtml([cell], evil)).not.toContain('<script>');
});
