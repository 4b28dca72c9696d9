package stagelightbench

import org.apache.spark.sql.SparkSession

/** The benchmark cases through Spark's Scala RDD API: Main <case> <input> <output>. Prints JOB and INFO lines. */
object Main {
  def job[T](name: String)(run: => T): T = {
    val started = System.nanoTime
    val result = run
    println(f"JOB $name ${(System.nanoTime - started) / 1e9}%.6f")
    result
  }
  def info(key: String, value: Any): Unit = println(s"INFO $key $value")
  def median(run: () => Unit, warm: Int, runs: Int): Double = {
    for (_ <- 1 to warm) run()
    (1 to runs).map { _ => val started = System.nanoTime; run(); (System.nanoTime - started) / 1e9 }.sorted.apply(runs / 2)
  }

  def main(args: Array[String]): Unit = {
    val Array(which, input, output) = args.take(3)
    val spark = SparkSession.builder().getOrCreate()
    val sc = spark.sparkContext
    sc.setLogLevel("ERROR")
    which match {
      case "word-count" =>
        job("wordcount") {
          sc.textFile(input).flatMap(_.split(" ")).map(w => (w, 1)).reduceByKey(_ + _).saveAsTextFile(output)
        }
      case "pairs" =>
        def pairs = sc.textFile(input).map { line =>
          val comma = line.indexOf(',')
          (line.substring(0, comma).toInt, line.substring(comma + 1).toDouble)
        }
        val g = job("groupsum") {
          pairs.reduceByKey(_ + _).map { case (_, v) => (1L, v) }.reduce((x, y) => (x._1 + y._1, x._2 + y._2))
        }
        info("groupsum", f"${g._1},${g._2}%.0f")
        val s = job("sort") {
          pairs.sortByKey().mapPartitions { rows =>
            var n = 0L
            var last = Int.MinValue
            var ordered = true
            rows.foreach { case (k, _) => if (k < last) ordered = false; last = k; n += 1 }
            Iterator((n, ordered))
          }.collect()
        }
        info("sort", s"${s.map(_._1).sum},${s.forall(_._2)}")
        val j = job("join") {
          pairs.join(pairs).map { case (_, (x, y)) => (1L, x * y) }.reduce((x, y) => (x._1 + y._1, x._2 + y._2))
        }
        info("join", f"${j._1},${j._2 / 1e6}%.0fe6")
      case "big-sort" =>
        val parts = output.toInt
        val s = job("big_sort") {
          sc.textFile(input, parts).map(line => (line.substring(0, 10), line.substring(10))).sortByKey(true, parts)
            .mapPartitions { rows =>
              var n, characters = 0L
              var first, last = ""
              var ordered = true
              rows.foreach { case (k, v) =>
                if (k < last) ordered = false
                if (n == 0) first = k
                last = k; n += 1; characters += v.length
              }
              Iterator((n, characters, ordered, first, last))
            }.collect().filter(_._1 > 0)
        }
        val across = s.sliding(2).forall(pair => pair.length < 2 || pair(0)._5 <= pair(1)._4)
        info("big_sort", s"${s.map(_._1).sum},${s.map(_._2).sum},${s.forall(_._3) && across}")
      case "cached" =>
        val pairs = sc.textFile(input).map { line =>
          val comma = line.indexOf(',')
          (line.substring(0, comma).toInt, line.substring(comma + 1).toDouble)
        }.cache()
        for (pass <- Seq("first", "second", "third")) {
          val sum = job(s"${pass}_pass")(pairs.map(_._2).reduce(_ + _))
          info(s"${pass}_pass", f"$sum%.0f")
        }
      case "pi" =>
        val n = 100000000
        for (run <- 1 to 2) {
          val c = job(s"pi_run$run") {
            sc.parallelize(1 to n, 2).map { _ =>
              val r = java.util.concurrent.ThreadLocalRandom.current()
              val x = r.nextDouble() * 2 - 1
              val y = r.nextDouble() * 2 - 1
              if (x * x + y * y <= 1) 1 else 0
            }.reduce(_ + _)
          }
          info("pi", f"${4.0 * c / n}%.2f")
        }
      case "latency" =>
        job("first_job")(sc.parallelize(1 to 100, 2).map(_ * 2).count())
        println(f"JOB tiny_job ${median(() => sc.parallelize(1 to 100, 2).map(_ * 2).count(), 300, 300)}%.6f")
        println(f"JOB tiny_shuffle_job ${median(() => sc.parallelize(1 to 100, 2).map(x => (x % 10, 1)).reduceByKey(_ + _, 2).count(), 100, 100)}%.6f")
      case "tasks" =>
        for (run <- 1 to 3) job(s"tasks10k_run$run")(sc.parallelize(1 to 10000, 10000).foreach(_ => ()))
      case "first-result" => println(sc.parallelize(1 to 100, 2).count())
    }
    spark.stop()
  }
}
