// %% [markdown] id="fa-intro"
// # When a task fails
//
// Networks go away, machines die, functions throw. A task is one partition of one stage, so it can be
// tried again alone. Run the cells and see what is done again, and what is not.

// %% id="fa-flaky"
const flaky = sc.range(0, 8, 1, 4).map((n) => {
  const task = TaskContext.get();
  if (task?.partitionId() === 2 && task.attemptNumber() < 2)
    throw new Error('no network');
  return n * n;
});
console.log((await flaky.collect()).join(' '));

// %% [markdown] id="fa-flaky-text"
// The result is right and the cell is done. But the panel calls its stage **retried**: two attempts of partition 2
// failed, the third passed, and the other partitions ran once. Timeline and task table show each
// attempt, with the error and its line.

// %% [markdown] id="fa-hopeless-text"
// A mistake does not pass by trying again. When one task has failed **four** times, its job fails: with your
// own message, the line that threw, the partition, and the row that was being worked on.

// %% id="fa-hopeless"
const people = sc.parallelize(['Ada 36', 'Grace 85', 'Alan', 'Edsger 72'], 4);
const ages = people.map((line) => {
  const age = line.split(' ')[1];
  if (age === undefined) throw new Error(`no age in "${line}"`);
  return Number(age);
});
try {
  await ages.collect();
} catch (error) {
  display(error);
}

// %% [markdown] id="fa-hopeless-look"
// Without `try` and `catch` the cell would fail, and the cells waiting behind it would not run. `display`
// shows the error all the same.

// %% [markdown] id="fa-lost-text"
// ## Lineage
//
// When an executor dies, its running task and the partitions it kept in memory are gone. There is no second copy
// of them. But a dataset knows how each partition is made: of which partitions of its parents, by which
// functions. What is lost is made again, and nothing else. Shuffle files outlive the executor that wrote them,
// so the stages before the last shuffle need not run.
//
// Below, `kept` is in memory, in four partitions. Then one task kills the process it runs in.

// %% id="fa-lost"
const kept = sc
  .range(0, 400, 1, 4)
  .map((n): [number, number] => [n % 10, n])
  .reduceByKey((a, b) => a + b)
  .setName('kept')
  .cache();
await kept.count();

const survived = kept.map((row) => {
  const task = TaskContext.get();
  const isFirst = task?.partitionId() === 1 && task.attemptNumber() === 0;
  if (isFirst) process.kill(process.pid, 'SIGKILL');
  return row;
});
(await survived.collect()).sort(([a], [b]) => a - b);

// %% [markdown] id="fa-lost-look"
// Choose the second job: its first stage is **skipped**, the other **retried**. In the task table, the failed attempt tells
// that its executor is gone, and *Shuffle Read Records* which partitions were made again; 0 means that the
// other executor still had it in memory.
//
// More, and what to try: `docs/guide/faults.md`.
