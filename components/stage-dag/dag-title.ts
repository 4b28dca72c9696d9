/** The head of a node: its name and the mark of what happened to it, as far as there is room beside the count. Pure. */
import type { DagNode } from './dag-node.ts';

/** Characters of name, mark and count together that a node has room for. */
const HEAD_CHARACTERS = 27;

type Head = Pick<DagNode, 'title' | 'count' | 'badge' | 'retried' | 'recomputed' | 'group'>;

function markOf({ retried, recomputed, badge, group }: Head): string {
  if (group) return '';
  if (recomputed > 0) return 'recomputed';
  return retried ? 'retried' : badge;
}

/** `left`: the mark where it has no room in the head, for the line of details. */
export function titleOf(node: Head): { title: string; left: string } {
  const mark = markOf(node);
  if (mark === '') return { title: node.title, left: '' };
  const title = `${node.title} · ${mark}`;
  if (title.length + node.count.length <= HEAD_CHARACTERS) return { title, left: '' };
  // How many of its partitions were recomputed is told there anyway.
  return { title: node.title, left: node.recomputed > 0 ? '' : mark };
}
