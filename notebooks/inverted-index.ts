// %% [markdown] id="ii-intro"
// # Inverted index
//
// The index at the back of a book, as search engines build it: every word of Moby-Dick with the
// chapters it stands in, and how often. Each arrow of the stage graph is a shuffle; this takes three.

// %% id="ii-chapters"
const chapters = sc
  .wholeTextFiles('data/moby-dick.txt')
  .flatMap(([, book]) => book.split(/^(?=CHAPTER \d+\. )/m))
  .map((text): [number, string] => [Number(/\d+/.exec(text)), text])
  .repartition(8);
const firstLines = chapters.mapValues((text) => text.slice(0, text.indexOf('\n')));
const titles = new Map(await firstLines.collect());
console.log(`${titles.size} chapters, the last is "${titles.get(135)}"`);

// %% [markdown] id="ii-read"
// A whole file is one row, and a row cannot be cut: the first stage has a single task. `repartition`
// deals the chapters out to eight partitions, so that all executors have something to do from there on.

// %% id="ii-index"
interface Posting {
  chapter: number;
  count: number;
}

const index = chapters
  .flatMap(([chapter, text]): [string, number][] => {
    const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
    return words.map((word) => [word, chapter]);
  })
  .map((wordInChapter): [[string, number], number] => [wordInChapter, 1])
  .reduceByKey((a, b) => a + b)
  .map(([[word, chapter], count]): [string, Posting] => [word, { chapter, count }])
  .groupByKey()
  .mapValues((list) => list.sort((a, b) => b.count - a.count || a.chapter - b.chapter))
  .setName('index')
  .cache();
console.log(`${(await index.count()).toLocaleString('en')} words in the index`);

// %% [markdown] id="ii-shuffles"
// `reduceByKey` counts each word within each chapter; its key is the pair of both. Then `groupByKey`
// brings the chapters of a word together. The first stage is **skipped**: the cell above ran it, and
// its shuffle files are still there. The index itself stays in memory, by `cache`.

// %% id="ii-search"
const query = 'white whale';

const lists = await Promise.all(query.split(' ').map((word) => index.lookup(word)));
const countsOf = (list: Posting[] = []) =>
  new Map(list.map((at) => [at.chapter, at.count]));
const counts = lists.map(([list]) => countsOf(list));
const weights = counts.map(({ size }) => Math.log(titles.size / Math.max(size, 1)));

[...titles]
  .filter(([chapter]) => counts.every((each) => each.has(chapter)))
  .map(([chapter, title]) => {
    const found = counts.map((each) => each.get(chapter) ?? 0);
    const score = found.reduce((sum, count, i) => sum + count * (weights[i] ?? 0), 0);
    return { title, found: found.join(' + '), score: Number(score.toFixed(2)) };
  })
  .sort((a, b) => b.score - a.score)
  .slice(0, 10);

// %% [markdown] id="ii-lookup"
// Change the query and press **Shift+Enter**. Each word is one `lookup`, a job with **one task**: `index`
// is partitioned by the hash of the word, so one partition alone can hold it, and that one is cached. A
// word that stands in few chapters weighs more, as in every text search since the seventies.
//
// More, and what to try: `docs/guide/inverted-index.md`.
