/** An object or array below its cell: a tree that opens part by part, in a bounded box. */
import type { CellOutput } from '../../engine/protocol.ts';
import { JsonTree } from '../table/json-tree.tsx';
import { ScrollBox } from '../ui/scroll-box.tsx';

export function JsonOutput({
  output,
  label,
}: {
  output: Extract<CellOutput, { kind: 'json' }>;
  label: string;
}) {
  return (
    <ScrollBox aria-label={`Value, ${label}`} className="max-h-96 overflow-auto px-3 py-2">
      <JsonTree node={output.value} label={`Parts of the value, ${label}`} />
    </ScrollBox>
  );
}
