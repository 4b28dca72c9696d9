/** Datasets as data for viewers: what is known of each and of its ancestors without planning or running anything. */
import type { RddDescription } from '../protocol.ts';
import type { LineageNode } from '../rdd/lineage-node.ts';

/** Ancestors described of all datasets in the scope together; a longer lineage ends with the ones nearest to them. */
const MOST_NODES = 300;
/** Datasets visited to name one element type. */
const MOST_VISITED = 100;

/** The element type as far as sources and operators tell it; pairs are known by their halves. */
interface ElementType {
  text: string;
  pair?: [ElementType, ElementType];
}

const UNKNOWN: ElementType = { text: 'unknown' };
const leaf = (text: string): ElementType => ({ text });
const pairOf = (key: ElementType, value: ElementType): ElementType => ({
  text: `[${key.text}, ${value.text}]`,
  pair: [key, value],
});
const listOf = ({ text }: ElementType) =>
  leaf(/[ |]/.test(text) && !text.startsWith('[') ? `(${text})[]` : `${text}[]`);
const orNothing = ({ text }: ElementType) => leaf(text === 'unknown' ? text : `${text} | undefined`);
const eitherOf = (types: ElementType[]) => {
  const texts = [...new Set(types.map(({ text }) => text))];
  return texts.includes('unknown') ? UNKNOWN : texts.length === 1 ? types[0]! : leaf(texts.join(' | '));
};

/** `unknown` where a function decides. */
export function elementTypeOf(rdd: LineageNode): string {
  let visited = 0;
  const visit = (node: LineageNode): ElementType => {
    if (++visited > MOST_VISITED) return UNKNOWN;
    const inputs = inputsOf(node);
    const input = (i: number) => (inputs[i] ? visit(inputs[i]) : UNKNOWN);
    return typeOfCall(node.callName, input, () => inputs.map(visit));
  };
  return visit(rdd).text;
}

/** The datasets the user called the operator on: those it is made of inside carry the same call. */
function inputsOf(rdd: LineageNode): LineageNode[] {
  const inputs: LineageNode[] = [];
  const stack = [...rdd.parents].reverse();
  const seen = new Set<LineageNode>();
  for (let next = stack.pop(); next && seen.size < MOST_VISITED; next = stack.pop()) {
    if (!next.isPartOfCall(rdd)) inputs.push(next);
    else if (!seen.has(next)) stack.push(...[...next.parents].reverse());
    seen.add(next);
  }
  return inputs;
}

function typeOfCall(name: string, input: (i: number) => ElementType, all: () => ElementType[]): ElementType {
  const [key, value] = /^(keys|values|mapValues|flatMapValues|.*ByKey|.*[jJ]oin|cogroup)$/.test(name)
    ? (input(0).pair ?? [UNKNOWN, UNKNOWN])
    : [UNKNOWN, UNKNOWN];
  const other = () => input(1).pair?.[1] ?? UNKNOWN;
  switch (name) {
    case 'textFile':
      return leaf('string');
    case 'wholeTextFiles':
      return pairOf(leaf('string'), leaf('string'));
    case 'range':
      return leaf('number');
    case 'filter':
    case 'sample':
    case 'distinct':
    case 'coalesce':
    case 'repartition':
    case 'sortBy':
    case 'sortByKey':
    case 'intersection':
    case 'subtract':
    case 'subtractByKey':
    case 'partitionBy':
    case 'reduceByKey':
    case 'foldByKey':
      return input(0);
    case 'union':
      return eitherOf(all());
    case 'zipWithIndex':
      return pairOf(input(0), leaf('number'));
    case 'glom':
      return listOf(input(0));
    case 'cartesian':
      return pairOf(input(0), input(1));
    case 'keyBy':
      return pairOf(UNKNOWN, input(0));
    case 'groupBy':
      return pairOf(UNKNOWN, listOf(input(0)));
    case 'keys':
      return key;
    case 'values':
      return value;
    case 'mapValues':
    case 'flatMapValues':
    case 'aggregateByKey':
    case 'combineByKey':
      return pairOf(key, UNKNOWN);
    case 'groupByKey':
      return pairOf(key, listOf(value));
    case 'join':
      return pairOf(key, pairOf(value, other()));
    case 'leftOuterJoin':
      return pairOf(key, pairOf(value, orNothing(other())));
    case 'rightOuterJoin':
      return pairOf(key, pairOf(orNothing(value), other()));
    case 'fullOuterJoin':
      return pairOf(key, pairOf(orNothing(value), orNothing(other())));
    case 'cogroup':
      return pairOf(key, pairOf(listOf(value), listOf(other())));
    default:
      return UNKNOWN;
  }
}

/** These datasets and their ancestors, nearest first, each once. */
export function describeLineage(rdds: readonly LineageNode[]): RddDescription[] {
  const described = new Map<number, RddDescription>();
  let level: readonly LineageNode[] = rdds;
  while (level.length > 0) {
    const next: LineageNode[] = [];
    for (const rdd of level) {
      if (described.has(rdd.id)) continue;
      if (described.size >= MOST_NODES) return [...described.values()];
      described.set(rdd.id, describe(rdd));
      next.push(...rdd.parents);
    }
    level = next;
  }
  return [...described.values()];
}

/** A plan is not made for this: planning lists input files. Until an action did, partitions are not known. */
function describe(rdd: LineageNode): RddDescription {
  const planned = rdd.plannedNode;
  const shuffled = new Set(
    planned?.dependencies.filter(({ kind }) => kind === 'shuffle').map(({ rddId }) => rddId),
  );
  const description: RddDescription = {
    rddId: rdd.id,
    name: typeof rdd.name === 'string' ? rdd.name.slice(0, 100) : rdd.callName,
    storageLevel: rdd.getStorageLevel().name,
    parents: (planned ? uniqueIds(planned.dependencies) : rdd.parents.map(({ id }) => id)).map((rddId) => ({
      rddId,
      shuffle: shuffled.has(rddId),
    })),
  };
  if (rdd.isCheckpointed()) description.checkpoint = rdd.isLocallyCheckpointed() ? 'local' : 'reliable';
  const elementType = elementTypeOf(rdd);
  if (elementType !== 'unknown') description.elementType = elementType;
  if (planned) description.numPartitions = planned.numPartitions;
  if (rdd.callSite) description.callSite = rdd.callSite;
  return description;
}

const uniqueIds = (dependencies: readonly { rddId: number }[]) => [
  ...new Set(dependencies.map(({ rddId }) => rddId)),
];
