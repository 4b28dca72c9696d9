/** The order in which the demos are worth reading; others of the same folder follow by name. */

const ORDER = [
  'word-count',
  'inverted-index',
  'flights',
  'monte-carlo-pi',
  'pagerank',
  'skewed-keys',
  'faults',
  'lose-a-block',
  'same-rows',
];

function place(path: string): number {
  const at = ORDER.indexOf(path.replace(/^demos\//, '').replace(/\.ts$/, ''));
  return at < 0 ? ORDER.length : at;
}

export function demoOrder(a: { path: string }, b: { path: string }): number {
  return place(a.path) - place(b.path) || a.path.localeCompare(b.path);
}
