// %% [markdown] id="wc-intro"
// # Word count
//
// Split every line of Moby-Dick into words, count each word on its own partition, then bring equal
// words together. Press **Run all**, or run cell by cell with **Shift+Enter**, and watch the panel beside the
// cells: the arrow between two stages is the shuffle.

// %% id="wc-words"
const lines = sc.textFile('data/moby-dick.txt', 8);
const words = lines
  .flatMap((line) => line.toLowerCase().match(/\p{L}+/gu) ?? []);

// %% [markdown] id="wc-lazy"
// Nothing has run yet: `words` is a recipe, its lineage. An action such as `collect`, `count` or `take`
// submits a job. The job is cut into stages where rows must change partition.

// %% id="wc-counts"
const counts = words
  .map((word): [string, number] => [word, 1])
  .reduceByKey((a, b) => a + b);
await counts.sortBy(([, n]) => n, false).take(20);

// %% [markdown] id="wc-lineage"
// The lineage of `counts`, as Spark prints it. Indentation marks a shuffle, the number in brackets is the
// number of partitions.

// %% id="wc-debug"
console.log(counts.toDebugString());
const total = (await words.count()).toLocaleString('en');
const different = (await counts.count()).toLocaleString('en');
console.log(`${total} words, ${different} different ones`);

// %% [markdown] id="wc-more"
// More, and what to try: `docs/guide/word-count.md`.
