import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Context } from '../context.ts';
import { startContext } from '../testing.ts';
import { RDD } from './rdd.ts';

/** The names of Spark 4's RDD API, Python's and Scala's, by the class they belong to. */
const SPARK = {
  SparkContext: `parallelize range emptyRDD makeRDD union textFile wholeTextFiles binaryFiles binaryRecords pickleFile objectFile
    sequenceFile hadoopFile hadoopRDD newAPIHadoopFile newAPIHadoopRDD accumulator longAccumulator doubleAccumulator
    collectionAccumulator broadcast addFile addArchive addPyFile addJar listFiles listArchives addSparkListener setJobGroup
    clearJobGroup setJobDescription cancelJobGroup cancelJob cancelStage cancelAllJobs cancelJobsWithTag addJobTag removeJobTag
    getJobTags clearJobTags setInterruptOnCancel setLocalProperty getLocalProperty runJob submitJob runApproximateJob statusTracker
    getAllPools getPoolForName getSchedulingMode killTaskAttempt killExecutors requestExecutors setCheckpointDir getCheckpointDir
    defaultParallelism defaultMinPartitions getPersistentRDDs getConf getOrCreate setLogLevel setSystemProperty version applicationId
    appName startTime sparkUser uiWebUrl resources stop show_profiles dump_profiles`,
  RDD: `map filter flatMap mapPartitions mapPartitionsWithIndex mapPartitionsWithSplit mapPartitionsWithEvaluator glom keyBy keys
    values mapValues flatMapValues union zip zipWithIndex zipWithUniqueId zipPartitions zipPartitionsWithEvaluator sample randomSplit
    pipe coalesce cartesian filterByRange distinct groupBy intersection subtract sortBy repartition reduceByKey foldByKey aggregateByKey
    combineByKey groupByKey groupWith cogroup join leftOuterJoin rightOuterJoin fullOuterJoin subtractByKey partitionBy sortByKey
    repartitionAndSortWithinPartitions sampleByKey sampleByKeyExact countApproxDistinctByKey collect collectAsMap collectWithJobGroup
    count countApprox countApproxDistinct countByKey countByKeyApprox countByValue countByValueApprox first take takeOrdered takeSample
    top reduce fold aggregate treeAggregate treeReduce reduceByKeyLocally foreach foreachPartition toLocalIterator lookup isEmpty max min
    sum mean variance stdev popVariance popStdev sampleVariance sampleStdev stats histogram meanApprox sumApprox saveAsTextFile
    saveAsPickleFile saveAsObjectFile saveAsSequenceFile saveAsHadoopFile saveAsHadoopDataset saveAsNewAPIHadoopFile
    saveAsNewAPIHadoopDataset collectAsync countAsync takeAsync foreachAsync foreachPartitionAsync id name setName getNumPartitions
    partitions iterator context toDebugString persist cache unpersist checkpoint localCheckpoint isCheckpointed isLocallyCheckpointed
    getCheckpointFile getStorageLevel cleanShuffleDependencies barrier withResources getResourceProfile dependencies partitioner
    preferredLocations toDF`,
};

const words = (text: string) => text.split(/\s+/).filter(Boolean);

/** The names that the guide says are left out: those in backticks in the first column of its table. */
function leftOut(): Set<string> {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/spark-names.md'), 'utf8');
  const rows = guide.split('\n').filter((line) => line.startsWith('| `'));
  return new Set(
    rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!)),
  );
}

describe("Spark's names", () => {
  const { sc, stop } = startContext();
  afterAll(stop);
  const places = {
    SparkContext: (name: string) => name in Context.prototype || name in sc,
    RDD: (name: string) => name in RDD.prototype || name in sc.range(1),
  };

  test.each(['SparkContext', 'RDD'] as const)('of %s are here, or the guide says why not', (owner) => {
    const missing = words(SPARK[owner]).filter((name) => !places[owner](name));
    const said = leftOut();
    expect(missing.filter((name) => !said.has(name))).toEqual([]);
    expect(words(SPARK[owner]).filter((name) => said.has(name) && places[owner](name))).toEqual([]);
  });

  test('every public member that is here is in the guide', () => {
    const guide = ['rdd', 'shared-variables', 'scheduling', 'adaptive']
      .map((page) => readFileSync(join(import.meta.dirname, `../../docs/guide/${page}.md`), 'utf8'))
      .join();
    const all = words(`${SPARK.SparkContext} ${SPARK.RDD}`);
    const here = all.filter((name) => places.SparkContext(name) || places.RDD(name));
    expect(here.length).toBeGreaterThan(130);
    expect(here.filter((name) => !new RegExp(`\\b${name}\\b`).test(guide))).toEqual([]);
  });
});
