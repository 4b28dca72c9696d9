'use client';
/** One variable: a row, and below it, when opened, all that is known of it. */
import { useActions } from '../notebook/notebook-context.tsx';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { formatBytes } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { RddDetails } from './rdd-details.tsx';
import { ValueTree } from './value-tree.tsx';
import { placeOfName, type VariableRow } from './variable-rows.ts';

const COLUMNS = 5;

/** Goes to the place in a cell's text that says the name. */
function CellLink({ at, name, said }: { at: number; name: string; said: string }) {
  const actions = useActions();
  const session = useSession();
  const go = () => {
    const { view, drafts } = session.store.getState();
    const cellId = view?.cellOrder[at];
    if (cellId === undefined) return;
    const source = drafts.get(cellId)?.source ?? view?.cells.get(cellId)?.source ?? '';
    actions.edit(cellId, placeOfName(source, name));
  };
  return (
    <button
      type="button"
      className="text-accent underline underline-offset-2"
      aria-label={said}
      title={said}
      onClick={go}
    >
      {at + 1}
    </button>
  );
}

function Cells({ row }: { row: VariableRow }) {
  const { name } = row.variable;
  return (
    <span className="inline-flex gap-x-1.5 tabular-nums max-sm:flex-wrap">
      {row.definedAt < 0 ? (
        <span className="text-ink-3">deleted</span>
      ) : (
        <CellLink at={row.definedAt} name={name} said={`${name} is defined in cell ${row.definedAt + 1}`} />
      )}
      {row.usedAt.length > 0 && (
        <span aria-hidden="true" className="text-ink-3">
          →
        </span>
      )}
      {row.usedAt.slice(0, 8).map((at) => (
        <CellLink key={at} at={at} name={name} said={`${name} is used in cell ${at + 1}`} />
      ))}
      {row.usedAt.length > 8 && <span className="text-ink-3">+{row.usedAt.length - 8}</span>}
    </span>
  );
}

function sizeText(size: { bytes: number; atLeast: boolean } | undefined): string {
  if (!size) return '';
  return `${size.atLeast ? '≥ ' : ''}${formatBytes(size.bytes)}`;
}

export function VariableRowView({
  row,
  open,
  onToggle,
}: {
  row: VariableRow;
  open: boolean;
  onToggle: () => void;
}) {
  const { variable } = row;
  const cell = 'h-7 truncate border-line border-t px-2';
  const faded = variable.gone ? 'text-ink-3' : '';
  return (
    <>
      <tr className={`hover:bg-raised ${faded}`}>
        <th scope="row" className={`${cell} pl-1 text-left font-normal`}>
          <button
            type="button"
            data-variable={variable.name}
            aria-expanded={open}
            className="flex w-full min-w-0 items-center gap-0.5 text-left font-mono"
            title={variable.name}
            onClick={onToggle}
          >
            <Icon name="chevron" className={`text-ink-3 ${open ? 'rotate-90' : ''}`} />
            <span className={`min-w-0 truncate ${variable.gone ? '' : 'text-ink'}`}>{variable.name}</span>
          </button>
        </th>
        <td className={`${cell} text-ink-2`} title={variable.type}>
          {variable.type}
        </td>
        <td className={`${cell} font-mono`} title={variable.preview}>
          {variable.gone && <em className="font-sans">gone, was </em>}
          {variable.preview}
        </td>
        <td className={`${cell} max-sm:invisible max-sm:px-0 max-sm:[&>span]:flex-nowrap`}>
          <Cells row={row} />
        </td>
        <td
          className={`${cell} text-right tabular-nums max-sm:invisible max-sm:px-0`}
          title={variable.size?.atLeast ? 'At least: not all of it was looked at' : undefined}
        >
          {sizeText(variable.size)}
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={COLUMNS} className="pr-2 pb-2 pl-6">
            <Details row={row} />
          </td>
        </tr>
      )}
    </>
  );
}

function Details({ row }: { row: VariableRow }) {
  const { variable } = row;
  const { cellId, runId } = variable.changedBy;
  const changedAt = useSessionState(({ view }) => view?.cellOrder.indexOf(cellId) ?? -1);
  const latest = useSessionState(({ view }) => {
    const cell = view?.cells.get(cellId);
    return cell?.runId === runId ? cell.executionCount : undefined;
  });
  return (
    <div className="flex flex-col gap-1.5 text-xs">
      <p className="text-ink-2">
        <span className="[overflow-wrap:anywhere]">{variable.type}</span>
        {variable.size && <> · {sizeText(variable.size)}</>} · changed by{' '}
        {changedAt < 0 ? 'a cell that is deleted' : `cell ${changedAt + 1}`}
        {latest !== undefined && `, run [${latest}]`}
        <span className="sm:hidden">
          {' '}
          · cells <Cells row={row} />
        </span>
      </p>
      {variable.gone ? (
        <p className="text-ink-2">
          The kernel that held it has ended.
          {row.definedAt >= 0 && ` Run cell ${row.definedAt + 1} to have it again.`}
        </p>
      ) : variable.rddId !== undefined ? (
        <RddDetails name={variable.name} rddId={variable.rddId} />
      ) : variable.expandable ? (
        <ValueTree
          key={`${runId} ${variable.preview}`}
          name={variable.name}
          path={[]}
          label={`Parts of ${variable.name}`}
        />
      ) : (
        <pre className="max-h-40 overflow-auto whitespace-pre-wrap rounded-md bg-raised p-2 font-mono [overflow-wrap:anywhere]">
          {variable.preview}
        </pre>
      )}
    </div>
  );
}
