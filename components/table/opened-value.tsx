'use client';
/** One value of a table in full: as a tree where it has parts, else as its text. */
import type { JsonNode } from '../../engine/protocol.ts';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import type { CellValue } from './cell-value.ts';
import { JsonTree } from './json-tree.tsx';

export interface OpenedValueProps {
  /** `parts, row 3` */
  name: string;
  value: CellValue;
  node: JsonNode | undefined;
  onClose: () => void;
}

export function OpenedValue({ name, value, node, onClose }: OpenedValueProps) {
  return (
    <section aria-label={`Value of ${name}`} className="border-line border-y bg-raised">
      <div className="flex items-center justify-between px-3 pt-1">
        <p className="text-ink-2 text-xs">{name}</p>
        <div className="flex gap-1">
          <Button size="sm" variant="quiet" onClick={() => void copyText(String(value))}>
            Copy value
          </Button>
          <Button size="sm" variant="quiet" onClick={onClose}>
            Close value
          </Button>
        </div>
      </div>
      <ScrollBox aria-label={`Value of ${name}, text`} className="max-h-60 overflow-auto px-3 pb-2">
        {node === undefined ? (
          <pre className="whitespace-pre-wrap font-mono text-xs [overflow-wrap:anywhere]">
            {String(value)}
          </pre>
        ) : (
          <JsonTree node={node} label={`Parts of ${name}`} />
        )}
      </ScrollBox>
    </section>
  );
}
