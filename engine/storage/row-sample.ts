/** What the samples of one holder's rows have shown so far. */
import { flattenTexts } from './flat-text.ts';
import { KnownShapes } from './known-shapes.ts';
import { estimateRowsSize, estimateSize, type Sample } from './size-estimate.ts';

export class RowSample implements Sample {
  readonly shapes = new KnownShapes();
  sawTree = false;

  /** The estimated size of one value. */
  size(value: unknown): number {
    return estimateSize(value, this);
  }

  /** Whether since the last call some text of a sample was a tree of pieces; then those that were not in it are to be made one. */
  takeSawTree(): boolean {
    const saw = this.sawTree;
    this.sawTree = false;
    return saw;
  }

  /** The estimated size of rows that the holder takes in, after which their texts are in one piece each. */
  take(rows: readonly unknown[]): number {
    const bytes = estimateRowsSize(rows, this);
    if (this.takeSawTree()) for (let i = 0; i < rows.length; i++) flattenTexts(rows[i]);
    return bytes;
  }
}
