#!/usr/bin/env bash
# Installs the peers of the benchmarks into the cache folder: PySpark (which carries Spark and a Scala compiler).
# Needs python3, Java 17 or newer, and a package index.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/.cache/bench-peers
mkdir -p "$peers"
[ -x "$peers/venv/bin/python" ] || python3 -m venv "$peers/venv"
"$peers/venv/bin/pip" -q install pyspark==4.3.0
jars=$(echo "$peers"/venv/lib/python3*/site-packages/pyspark/jars)
rm -rf "$peers/classes" && mkdir "$peers/classes"
java -Xss8m -cp "$jars/*" scala.tools.nsc.Main -usejavacp -nowarn -d "$peers/classes" bench/peers/spark/Main.scala
jar cf "$peers/bench.jar" -C "$peers/classes" .
echo "peers installed in .cache/bench-peers"
