'use client';
/** A value as a tree: parts are made when they are opened, every place can be copied as a path. */
import { useState } from 'react';
import type { JsonNode, JsonTree as Tree } from '../../engine/protocol.ts';
import { copyText } from '../ui/copy-text.ts';
import { formatCount } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { nodePreview, nodeTitle, pathOf, scalarText } from './json-node.ts';

/** Parts shown of one node before more are asked for. */
const STEP = 50;
const OPEN_DEPTH = 1;

function Scalar({ node }: { node: JsonNode }) {
  const { text, kind } = scalarText(node);
  const tone =
    kind === 'string'
      ? 'text-[var(--code-string)]'
      : kind === 'number'
        ? 'text-[var(--code-number)]'
        : kind === 'keyword'
          ? 'text-[var(--code-keyword)]'
          : 'text-ink-2 italic';
  return <span className={`whitespace-pre-wrap [overflow-wrap:anywhere] ${tone}`}>{text}</span>;
}

function CopyPath({ path }: { path: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      aria-label={`Copy path ${path}`}
      title={`Copy path ${path}`}
      onClick={() => void copyText(path).then(setCopied)}
      onBlur={() => setCopied(false)}
      className="invisible rounded-sm px-1 text-2xs text-ink-3 hover:text-ink focus-visible:visible group-focus-within/node:visible group-hover/node:visible"
    >
      {copied ? 'copied' : 'path'}
    </button>
  );
}

function Parts({ node, path, depth }: { node: Tree; path: string; depth: number }) {
  const [shown, setShown] = useState(STEP);
  const parts = node.c ?? [];
  const more = Math.min(STEP, parts.length - shown);
  return (
    <ul className="border-line border-l pl-3">
      {parts.slice(0, shown).map(([key, part], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other identity, a Map may show one key twice
        <Node key={index} name={key} node={part} path={pathOf(path, key, node.t)} depth={depth + 1} />
      ))}
      {more > 0 && (
        <li>
          <button
            type="button"
            className="text-accent hover:underline"
            onClick={() => setShown(shown + STEP)}
          >
            show {formatCount(more)} more of {formatCount(parts.length)}
          </button>
        </li>
      )}
      {node.m !== undefined && shown >= parts.length && (
        <li className="text-ink-3">
          showing {formatCount(parts.length)} of {formatCount(parts.length + node.m)}
        </li>
      )}
    </ul>
  );
}

function Node({ name, node, path, depth }: { name?: string; node: JsonNode; path: string; depth: number }) {
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  const label = name === undefined ? null : <span className="text-[var(--code-type)]">{name}: </span>;
  const tree = typeof node === 'object' && node !== null && node.t !== 'other' ? node : undefined;
  if (!tree) {
    return (
      <li className="group/node">
        <span className="inline-block w-4" />
        {label}
        <Scalar node={node} />
        {name !== undefined && <CopyPath path={path} />}
      </li>
    );
  }
  const hasParts = tree.c !== undefined;
  return (
    <li className="group/node">
      <button
        type="button"
        aria-expanded={hasParts ? open : undefined}
        disabled={!hasParts}
        onClick={() => setOpen(!open)}
        className="inline-flex max-w-full items-center text-left hover:text-ink disabled:cursor-default"
      >
        <Icon
          name="chevron"
          className={`size-3 shrink-0 transition-transform ${open ? 'rotate-90' : ''} ${hasParts ? '' : 'invisible'}`}
        />
        <span className="ml-1 truncate">
          {label}
          <span className="text-ink-2">{nodeTitle(tree) || (name === undefined && 'Object')}</span>
          {!open && <span className="text-ink-3"> {nodePreview(tree)}</span>}
        </span>
      </button>
      {name !== undefined && <CopyPath path={path} />}
      {open && hasParts && <Parts node={tree} path={path} depth={depth} />}
    </li>
  );
}

export function JsonTree({ node, label }: { node: JsonNode; label: string }) {
  return (
    <ul aria-label={label} className="font-mono text-[12.5px] leading-5">
      <Node node={node} path="value" depth={0} />
    </ul>
  );
}
