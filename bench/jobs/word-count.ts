/** Word count of a text file through the RDD API, saved as text. args: input, output folder. */
const [input, output] = args as [string, string];
const started = performance.now();
await sc
  .textFile(input, 8)
  .flatMap((line) => line.split(' '))
  .map((word): [string, number] => [word, 1])
  .reduceByKey((a, b) => a + b)
  .saveAsTextFile(output);
console.log(`JOB wordcount ${((performance.now() - started) / 1000).toFixed(4)}`);
