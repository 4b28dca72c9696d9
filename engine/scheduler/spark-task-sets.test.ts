/**
 * Cases of Apache Spark's TaskSetManagerSuite and TaskSchedulerImplSuite (4.x) as scripts of our own; the language is
 * described in `test-task-script.ts`. Executors have one slot each here and stand on one machine, so there are two levels
 * of locality: near (the executor holds the cached partition) and anywhere.
 *
 * Not again, because other tests have them: how long an executor waits, and that it waits once for all, failures up to the
 * limit and what does not count, commits, repeated answers (`task-scheduler.test.ts`); thresholds, quantile, efficiency and
 * one copy only, never beside the first (`speculation.test.ts`); giving up a task that can run nowhere, waiting for a
 * replacement, exclusion from the application and its end (`exclusion.test.ts`); slots of barrier stages
 * (`barrier-stage.test.ts`); results that are too large (`scheduler.test.ts`); pools (`scheduling-order.test.ts`); map outputs,
 * which outlive their executor, so that its loss resubmits none (`spark-fetch-failures.test.ts`).
 *
 * Left out: hosts, racks and HDFS caches, GPUs and resource profiles, CPUs per task, decommissioning; executors taken at
 * random (ours come in their order, so that every schedule can be played again); the locality of second copies (what is
 * near to the first attempt is where that one runs); warnings of large tasks; tasks that cannot be serialized, which are
 * refused before their job starts; two active attempts of a stage, of which the DAG scheduler never submits a second.
 */
import { describe, it } from 'vitest';
import { runTaskScript } from './test-task-script.ts';

const LOCALITY: Record<string, string> = {
  'basic delay scheduling: near first, then what is near to nobody, then after a wait the rest': `
    executors a b
    submit 0.0 4 near a b b -
    runs 0/0@a 0/1@b
    ok 0/0@a
    runs 0/1@b 0/3@a
    ok 0/3@a
    runs 0/1@b
    at 319
    runs 0/1@b
    at 320
    runs 0/1@b 0/2@a`,
  'skip unsatisfiable locality levels; delay scheduling with failed hosts': `
    executors a b c
    submit 0.0 5 near a b c b,c b
    lose b
    ok 0/0@a
    ok 0/1@a
    ok 0/4@a
    runs 0/2@c
    ok 0/2@c
    runs 0/3@c`,
  'a set that waits for an executor keeps nobody from the next': `
    executors a b
    submit 0.0 2 near b b
    submit 1.0 2
    runs 0/0@b 1/0@a
    ok 0/0@b
    runs 1/0@a 0/1@b`,
};

const ENDS: Record<string, string> = {
  'executors exit for reason unrelated to currently running tasks': `
    with maxTaskFailures=1
    executors a b
    submit 0.0 2
    lose a
    says lost a
    crash b
    says failed 0.0 failed 1 times · lost b`,
  'if an executor is lost then the state for its running tasks is cleaned up (SPARK-18553)': `
    executors a b
    submit 0.0 1
    lose a
    runs 0/0@b
    reason 0/0@b = executor a was lost: gone
    says lost a
    late 0/0@a
    says discarded
    late 0/0@a
    says nothing
    ok 0/0@b
    says ok 0.0/0`,
  'a task that failed goes to whoever is free': `
    executors a b
    submit 0.0 2
    ok 0/0@a
    boom 0/1@b
    runs 0/1@a`,
};

const ATTEMPTS: Record<string, string> = {
  'don’t schedule more tasks after a taskset is zombie': `
    executors a
    submit 0.0 3
    runs 0/0@a
    retire 0.0
    ok 0/0@a
    says ok 0.0/0
    runs nothing
    submit 0.1 3
    runs 0/0@a`,
  'if a zombie attempt finishes, continue scheduling tasks for non-zombie attempts': `
    executors a b
    submit 0.0 2
    retire 0.0
    submit 0.1 2
    runs 0/0@a 0/1@b
    ok 0/0@a
    runs 0/1@b 0/0@a
    ok 0/1@b
    says ok 0.0/0 · ok 0.0/1
    runs 0/0@a 0/1@b
    ok 0/1@b
    ok 0/0@a
    says ok 0.1/1 · ok 0.1/0`,
  'failures of a zombie attempt neither count nor lead to another try': `
    with maxTaskFailures=1
    executors a
    submit 0.0 1
    retire 0.0
    boom 0/0@a
    says nothing
    runs nothing`,
  'completions in zombie tasksets update status of non-zombie taskset (SPARK-23433, SPARK-25250)': `
    executors a b
    submit 0.0 3
    retire 0.0
    submit 0.1 3
    done 0/0
    ok 0/0@a
    runs 0/1@b 0/1@a
    done 0/1
    done 0/2
    runs 0/1@b 0/1@a
    ok 0/1@b
    runs 0/1@a
    boom 0/1@a
    runs nothing`,
  'after a failed fetch nothing of the attempt is launched, and what runs ends as it may': `
    executors a b
    submit 0.0 4
    fetch 0/0@a
    says fetch 0.0/0
    runs 0/1@b
    boom 0/1@b
    says nothing
    runs nothing`,
  'cancelled tasks are killed, and not queued again': `
    executors a b
    submit 0.0 4
    cancel 0
    kills 0/0@a 0/1@b
    killed 0/0@a
    boom 0/1@b
    says nothing
    runs nothing`,
};

const SPECULATION: Record<string, string> = {
  'killing speculative tasks does not count towards aborting the taskset': `
    with speculation quantile=0.5 multiplier=1 minTaskRuntime=0
    with maxTaskFailures=1
    executors a b
    submit 0.0 2
    ok 0/0@a in 50
    at 100
    runs 0/1@b 0/1@a
    killed 0/1@a
    runs 0/1@b
    killed 0/1@b
    says ok 0.0/0
    runs 0/1@a`,
  'failures of both copies count': `
    with speculation quantile=0.5 multiplier=1 minTaskRuntime=0
    with maxTaskFailures=2
    executors a b
    submit 0.0 2
    ok 0/0@a in 50
    at 100
    boom 0/1@a
    runs 0/1@b
    boom 0/1@b
    says ok 0.0/0 · failed 0.0 failed 2 times`,
  'executor loss can cause task to not be resubmitted (SPARK-24755)': `
    with speculation quantile=0.5 multiplier=1 minTaskRuntime=0
    executors a b
    submit 0.0 2
    ok 0/0@a in 50
    at 100
    runs 0/1@b 0/1@a
    lose a
    runs 0/1@b
    executors c
    lose b
    runs 0/1@c`,
  'a task killed by another attempt should not be resubmitted (SPARK-22074, SPARK-13931)': `
    with speculation quantile=0.5 multiplier=1 minTaskRuntime=0
    executors a b
    submit 0.0 2
    ok 0/0@a in 50
    at 100
    ok 0/1@a
    kills 0/1@b
    lose b
    says ok 0.0/0 · ok 0.0/1 · lost b
    runs nothing`,
  'of two copies that both end well the second is for the DAG scheduler to free (SPARK-13343)': `
    with speculation quantile=0.5 multiplier=1 minTaskRuntime=0
    executors a b
    submit 0.0 2
    ok 0/0@a in 50
    at 100
    ok 0/1@a
    kills 0/1@b
    ok 0/1@b
    kills nothing
    says ok 0.0/0 · ok 0.0/1 · ok 0.0/1`,
  'speculative tasks should be scheduled after all others': `
    with speculation quantile=0.25 multiplier=1 minTaskRuntime=0
    executors a b
    submit 0.0 4
    ok 0/0@a in 50
    at 200
    runs 0/1@b 0/2@a
    ok 0/2@a
    runs 0/1@b 0/3@a
    ok 0/3@a
    runs 0/1@b 0/1@a`,
  'tasks of zombie attempts are not run twice, nor tasks that have failed meanwhile': `
    with speculation quantile=0.5 multiplier=1 minTaskRuntime=0
    executors b
    submit 0.0 2
    ok 0/0@b in 50
    at 200
    runs 0/1@b
    boom 0/1@b
    runs 0/1@b
    executors a
    runs 0/1@b
    retire 0.0
    at 9000
    runs 0/1@b`,
  'no second copy on an executor that is excluded from the stage': `
    with speculation quantile=0.25 multiplier=1 minTaskRuntime=0
    with exclusion
    executors a b c
    submit 0.0 4
    boom 0/0@a
    boom 0/3@a
    runs 0/1@b 0/2@c
    ok 0/2@c in 50
    ok 0/3@c in 50
    ok 0/0@c in 50
    at 1000
    runs 0/1@b 0/1@c`,
};

const EXCLUSION: Record<string, string> = {
  'executors should be excluded after task failure, in spite of locality preferences': `
    with exclusion
    executors a b
    submit 0.0 1 near a
    boom 0/0@a
    runs 0/0@b
    boom 0/0@b
    says nothing
    at 130000
    says failed 0.0 can run on no executor (it failed on executor a, it failed on executor b)`,
  'don’t abort if there is an executor available, though it hasn’t had scheduled tasks yet': `
    with exclusion
    executors a b
    submit 0.0 1
    submit 1.0 1
    boom 0/0@a
    says nothing
    runs 1/0@b
    ok 1/0@b
    runs 0/0@b`,
  'don’t update exclusion for shuffle-fetch failures, preemption, denied commits, or killed tasks': `
    with exclusion
    executors a
    submit 0.0 1
    killed 0/0@a
    denied 0/0@a
    runs 0/0@a
    fetch 0/0@a
    says fetch 0.0/0
    submit 0.1 1
    runs 0/0@a`,
  'abort stage if executor loss results in unschedulability from previously failed tasks': `
    with exclusion unschedulableTaskSetTimeout=500
    executors a b
    submit 0.0 2
    boom 0/0@a
    runs 0/1@b
    lose b
    says lost b
    runs 0/1@a
    ok 0/1@a
    at 509
    says ok 0.0/1
    at 510
    says failed 0.0 can run on no executor (it failed on executor a)`,
  'what failed of a task of several partitions goes elsewhere when the rest of it has ended': `
    with exclusion
    executors a b
    submit 0.0 2 groups 0
    runs 0/0@a 0/1@a
    boom 0/0@a
    runs 0/1@a
    ok 0/1@a
    runs 0/0@b`,
  'a task of several partitions goes elsewhere as a whole when one of them has failed on its executor': `
    with exclusion
    executors a b
    submit 0.0 2 groups 0
    boom 0/0@a
    denied 0/1@a
    runs 0/0@b 0/1@b`,
};

const BARRIERS: Record<string, string> = {
  'barrier TaskSet can’t schedule when higher prio taskset takes the slots (SPARK-29263)': `
    executors a b
    submit 0.0 3
    submit 1.0 2 barrier
    ok 0/0@a
    runs 0/1@b 0/2@a
    ok 0/1@b
    runs 0/2@a
    ok 0/2@a
    runs 1/0@a 1/1@b`,
  'executors saved up for a barrier stage that is cancelled go to others': `
    executors a b c
    submit 0.0 1
    submit 1.0 3 barrier
    submit 2.0 3
    runs 0/0@a
    cancel 1
    runs 0/0@a 2/0@b 2/1@c`,
  'executors saved up for a barrier stage that is over go to others': `
    executors a b c
    submit 0.0 1
    submit 1.0 3 barrier
    submit 2.0 3
    runs 0/0@a
    retire 1.0
    runs 0/0@a 2/0@b 2/1@c`,
  'executors saved up for a barrier stage that has too few of them go to others, and it is given up by name': `
    with barrier slotCheckInterval=100 slotCheckMaxFailures=2
    executors a b c
    submit 0.0 1
    submit 1.0 3 barrier
    submit 2.0 2
    lose b
    runs 0/0@a 2/0@c
    at 199
    says lost b
    at 200
    says failed 1.0 could not start in 2 looks, one every 100 ms`,
  'mark taskset for a barrier stage as zombie in case a task fails': `
    executors a b
    submit 0.0 2 barrier
    boom 0/0@a
    says failed 0.0 together
    runs 0/1@b
    killed 0/1@b
    says nothing
    runs nothing
    submit 0.1 2 barrier
    runs 0/0@a 0/1@b`,
  'a second attempt of a barrier stage waits for the executors of the first': `
    executors a b
    submit 0.0 2 barrier
    boom 0/0@a
    submit 0.1 2 barrier
    runs 0/1@b
    killed 0/1@b
    runs 0/0@a 0/1@b`,
};

const SUITES = { LOCALITY, ENDS, ATTEMPTS, SPECULATION, EXCLUSION, BARRIERS };

describe.each(Object.entries(SUITES))('TaskSetManagerSuite, TaskSchedulerImplSuite: %s', (_, cases) => {
  it.each(Object.entries(cases))('%s', (_, script) => runTaskScript(script));
});
