'use client';
/** The buttons of one cell: all that its keys can do, by name. */
import { memo } from 'react';
import type { CellView } from '../../engine/fold/state.ts';
import type { CellKind } from '../../engine/protocol.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { CellMenu } from './cells/cell-menu.tsx';
import { DragHandle } from './cells/drag-handle.tsx';
import { useActions } from './notebook-context.tsx';

export interface CellToolbarProps {
  cellId: string;
  /** `cell 2` */
  name: string;
  kind: CellKind;
  index: number;
  last: boolean;
  hasOutputs: boolean;
  editingMarkdown: boolean;
  collapsed: CellView['collapsed'];
  /** Selected together with others. */
  several: boolean;
  visible: boolean;
}

function Tool(props: {
  icon: IconName;
  label: string;
  keys?: string;
  onClick: () => void;
  disabled?: boolean;
}) {
  return (
    <Button
      variant="quiet"
      size="sm"
      aria-label={props.label}
      title={props.keys ? `${props.label} (${props.keys})` : props.label}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </Button>
  );
}

export const CellToolbar = memo(function CellToolbar(props: CellToolbarProps) {
  const { cellId, name, kind, index, last, hasOutputs, editingMarkdown, visible } = props;
  const { collapsed, several } = props;
  const actions = useActions();
  const other = kind === 'code' ? 'markdown' : 'code';
  return (
    <div
      role="toolbar"
      aria-label={`Actions of ${name}`}
      // On a narrow page it is as wide as the cell: between the cells, not over its first line.
      className={`absolute -top-4 right-2 z-10 flex max-sm:-top-5 rounded-md border border-line bg-surface shadow-pop transition-opacity focus-within:opacity-100 group-hover/cell:opacity-100 ${
        visible ? 'opacity-100' : 'pointer-events-none opacity-0 group-hover/cell:pointer-events-auto'
      }`}
    >
      <DragHandle cellId={cellId} name={name} index={index} />
      {kind === 'code' || editingMarkdown ? (
        <Tool
          icon="run"
          label={`Run ${name}`}
          keys="Shift+Enter"
          onClick={() => actions.runAndAdvance(cellId)}
        />
      ) : (
        <Tool icon="edit" label={`Edit ${name}`} keys="Enter" onClick={() => actions.edit(cellId)} />
      )}
      <Tool
        icon="insertAbove"
        label={`Insert a cell above ${name}`}
        keys="A"
        onClick={() => actions.insertBeside(cellId, 'above')}
      />
      <Tool
        icon="insertBelow"
        label={`Insert a cell below ${name}`}
        keys="B"
        onClick={() => actions.insertBeside(cellId, 'below')}
      />
      <Tool
        icon="up"
        label={`Move ${name} up`}
        keys="Alt+↑"
        disabled={index === 0}
        onClick={() => actions.cells.move(cellId, -1)}
      />
      <Tool
        icon="down"
        label={`Move ${name} down`}
        keys="Alt+↓"
        disabled={last}
        onClick={() => actions.cells.move(cellId, 1)}
      />
      <Tool
        icon={other === 'markdown' ? 'text' : 'code'}
        label={`Make ${name} ${other}`}
        keys={other === 'markdown' ? 'M' : 'Y'}
        onClick={() => void actions.cells.convert(cellId, other)}
      />
      {hasOutputs && (
        <Tool
          icon="clear"
          label={`Clear the output of ${name}`}
          onClick={() => actions.cells.clearOutputs(cellId)}
        />
      )}
      <Tool
        icon="trash"
        label={`Delete ${name}`}
        keys="D D"
        onClick={() => void actions.cells.delete(cellId)}
      />
      <CellMenu
        cellId={cellId}
        name={name}
        first={index === 0}
        last={last}
        collapsed={collapsed}
        several={several}
      />
    </div>
  );
});
