/** What a cell shows: tables, trees, pictures, texts, as bounded data. Types only. */
import type { PlotOutput } from './plot-protocol.ts';
import type { ErrorData } from './protocol.ts';

export type ColumnType = 'number' | 'string' | 'boolean' | 'bigint' | 'date' | 'json' | 'null';

/** A column over all its rows, or as many as were looked at. */
export interface ColumnSummary {
  rows: number;
  nulls: number;
  distinct: number;
  /** There are more distinct values than were counted. */
  more?: boolean;
  min?: string | number;
  max?: string | number;
  mean?: number;
  /** Rows per step between min and max. */
  bins?: number[];
}

export interface TableColumn {
  name: string;
  type: ColumnType;
  summary?: ColumnSummary;
}

/**
 * A value as a tree that can be opened: a scalar as JSON has it, or a node. `t` is the kind, `n` a name or the text of
 * what has no parts, `c` the parts as `[key, value]` in order, `m` how many more there are.
 */
export type JsonNode = string | number | boolean | null | JsonTree;
export interface JsonTree {
  t: 'object' | 'array' | 'map' | 'set' | 'other';
  n?: string;
  c?: [string, JsonNode][];
  m?: number;
}

/** What a cell shows. Everything is bounded before it becomes an event; `truncated` says so. */
export type CellOutput =
  | { kind: 'stream'; stream: 'stdout' | 'stderr'; text: string; dropped?: number }
  | { kind: 'text'; text: string; truncated?: { shown: number; total: number; unit: 'characters' } }
  | {
      kind: 'table';
      columns: TableColumn[];
      /** Cells as JSON-safe values; bigint and dates as strings, their kind in `columns`. */
      rows: (string | number | boolean | null)[][];
      /**
       * Which of the cells that are null stand for undefined: cells counted row by row, as the number of the first and how
       * many follow each other, in turn.
       */
      undefinedCells?: number[];
      /** Rows in the value; more than `rows.length` when the table was cut. Absent when unknown. */
      total?: number;
      /** Columns in the value; more than `columns.length` when the table was cut. */
      columnsTotal?: number;
      /** What the rows are a look at, in words: `RDD[String] with 8 partitions`. `total` is absent when more exist. */
      preview?: string;
      /** Values with parts, by `row:column`; as many as there was room for. */
      nested?: Record<string, JsonNode>;
    }
  /** `text` is the same for a terminal. */
  | { kind: 'json'; value: JsonNode; text: string }
  | {
      kind: 'html';
      html: string /** Set for viewers instead of `html`: where the sandboxed document is served. */;
      url?: string;
    }
  | { kind: 'markdown'; text: string }
  | {
      kind: 'image';
      mime: 'image/png' | 'image/jpeg' | 'image/svg+xml';
      base64: string /** Set for viewers instead of `base64`: where the picture is served. */;
      url?: string;
    }
  | PlotOutput
  /** `displayed`: a value the cell showed, where otherwise nobody caught it. */
  | { kind: 'error'; error: ErrorData; displayed?: true };
