// %% [markdown] id="lb-intro"
// # Lose a block, watch lineage
//
// Nothing is copied in advance here, and yet nothing is lost for good: every partition knows how it was made. Break
// things on purpose in the panel, and watch exactly what was lost being computed again.

// %% id="lb-first"
const pages = ['about', 'demos', 'docs', 'home', 'search'];
const visits = sc.range(0, 240_000, 1, 8).map((n) => {
  const page = pages[(n % 11) % 5]!;
  return [page, n % 60] as [string, number];
});
const seconds = visits.reduceByKey((a, b) => a + b, 4);
(await seconds.collect()).map(([page, sum]) => ({ page, seconds: sum })).sort((a, b) => (a.page < b.page ? -1 : 1))

// %% [markdown] id="lb-drop"
// The first stage has eight tasks. Each wrote one **block**: its rows, sorted out for the four tasks of the second
// stage. The blocks stay, so the next action need not compute them again.
//
// **Drop one.** In the panel choose the first stage, press **Break…**, then **Drop a block…**, and drop that of
// partition 3. Its files are deleted, and nobody has noticed yet. Now run the next cell.

// %% id="lb-second"
const hours = await seconds.mapValues((sum) => Math.round(sum / 3600)).collect();
hours.map(([page, all]) => ({ page, hours: all })).sort((a, b) => (a.page < b.page ? -1 : 1))

// %% [markdown] id="lb-dropped"
// The answer is right. In the graph the first stage is **recomputed**: 1 of 8. A task of the second stage could not read
// the block, its stage stopped, one map task ran again, and the second stage went on. The panel says so in words, the
// task table of each attempt too, and the timeline marks the bars of tasks that ran *again*.
//
// Corrupt a block instead: its bytes are changed, and the reader finds that by the checksum.

// %% id="lb-cache"
const minutes = seconds.mapValues((sum) => sum / 60).cache();
console.log(`${await minutes.count()} pages, kept in the memory of the executors`);

// %% [markdown] id="lb-kill"
// **Kill an executor.** In the task table of this cell press the sign behind a task, then **Kill executor**. Its process is
// dead, and with it the partitions that it kept; the blocks are files and stay. Another one takes its place. Run the next cell:
// only partitions that are gone are computed again.

// %% id="lb-killed"
console.log(`${Math.round(await minutes.values().sum())} minutes in all`);

// %% [markdown] id="lb-slow"
// **Slow a partition.** In the task table of the last cell press the sign behind a task, then **Slow this partition…**, and run the
// cell again: one task holds up the job while the other executor has nothing to do. Press **Let go** and it goes on at once.
//
// What happens where, and what to try: `docs/guide/lose-a-block.md`.
