/** A lineage as text in Spark's form: partition counts in brackets, a new indentation at every shuffle. */

import type { LineageNode } from './lineage-node.ts';
import type { Operator } from './operator.ts';
import type { RddNode } from './plan.ts';

const CLASS_NAMES: Record<Operator['kind'], string> = {
  parallelize: 'ParallelCollectionRDD',
  range: 'RangeRDD',
  textFile: 'TextFileRDD',
  wholeTextFiles: 'WholeTextFileRDD',
  binaryFiles: 'BinaryFileRDD',
  binaryRecords: 'BinaryRecordsRDD',
  jsonFile: 'JsonFileRDD',
  objectFile: 'ObjectFileRDD',
  parquetFile: 'ParquetFileRDD',
  checkpoint: 'ReliableCheckpointRDD',
  localCheckpoint: 'LocalCheckpointRDD',
  empty: 'EmptyRDD',
  map: 'MappedRDD',
  flatMap: 'FlatMappedRDD',
  filter: 'FilteredRDD',
  mapPartitions: 'MapPartitionsRDD',
  zipPartitions: 'ZippedPartitionsRDD',
  mapValues: 'MappedValuesRDD',
  flatMapValues: 'FlatMappedValuesRDD',
  keyBy: 'KeyedRDD',
  keys: 'KeysRDD',
  values: 'ValuesRDD',
  glom: 'GlommedRDD',
  sample: 'SampledRDD',
  zipWithIndex: 'ZippedWithIndexRDD',
  concat: 'UnionRDD',
  cartesian: 'CartesianRDD',
  filterKey: 'FilteredRDD',
  combineByKey: 'CombinedRDD',
  shuffled: 'ShuffledRDD',
  cogroup: 'CoGroupedRDD',
  join: 'JoinedRDD',
  subtractByKey: 'SubtractedRDD',
};

function describe(node: RddNode): string {
  const className =
    node.op.kind === 'concat' && node.dependencies[0]?.kind === 'listed'
      ? 'CoalescedRDD'
      : CLASS_NAMES[node.op.kind];
  const site = node.callSite;
  const at = site ? ` at ${site.name} at ${site.file}:${site.line}` : '';
  const level = node.storageLevel.name === 'NONE' ? '' : node.storageLevel.name;
  return `${node.name} ${className}[${node.rddId}]${at} [${level}]`;
}

interface Line {
  rddId: number;
  prefix: string;
  boundary: 'first' | 'narrow' | 'shuffle';
  isLast: boolean;
}

export function toDebugString(rdd: LineageNode): string {
  const nodes = nodesById(rdd);
  const lines: string[] = [];
  const stack: Line[] = [{ rddId: rdd.id, prefix: '', boundary: 'first', isLast: true }];
  for (let line = stack.pop(); line; line = stack.pop()) {
    const node = nodes.get(line.rddId)!;
    const count = `(${node.numPartitions})`;
    const offset = Math.floor((count.length - 1) / 2);
    const bar = `${' '.repeat(offset)}|${' '.repeat(count.length - offset)}`;
    let childPrefix = line.prefix;
    if (line.boundary === 'first') {
      lines.push(`${count} ${describe(node)}`);
      childPrefix = bar;
    } else if (line.boundary === 'narrow') {
      lines.push(`${line.prefix}${describe(node)}`);
    } else {
      const trunk = line.prefix.replace(/\|\s+$/, '');
      lines.push(`${trunk}+-${count} ${describe(node)}`);
      childPrefix = `${trunk}${line.isLast ? '  ' : '| '}${bar}`;
    }
    const last = node.dependencies.length - 1;
    for (let i = last; i >= 0; i--) {
      const dependency = node.dependencies[i]!;
      const boundary = dependency.kind === 'shuffle' ? 'shuffle' : 'narrow';
      stack.push({ rddId: dependency.rddId, prefix: childPrefix, boundary, isLast: i === last });
    }
  }
  return lines.join('\n');
}

function nodesById(rdd: LineageNode): Map<number, RddNode> {
  const nodes = new Map<number, RddNode>();
  const stack: LineageNode[] = [rdd];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (nodes.has(next.id)) continue;
    nodes.set(next.id, next.node());
    stack.push(...next.parents);
  }
  return nodes;
}
