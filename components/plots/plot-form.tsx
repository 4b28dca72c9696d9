'use client';
/** The form beside a plot: what it changes is written into the call of `plot` in the cell's text, as if typed. */
import { useId, useState } from 'react';
import {
  PLOT_MARKS,
  PLOT_REDUCERS,
  type PlotMark,
  type PlotOutput,
  SCALE_TYPES,
  type ScaleType,
} from '../../engine/plot-protocol.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import { useCell, useSession, useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { appendCall, codeOf, findPlotCall, plottedText, rewriteCall } from './plot-call.ts';
import {
  type ChannelChoice,
  changedSpec,
  FORM_CHANNELS,
  formChanges,
  formState,
  needsColumn,
  type Taking,
} from './plot-form-state.ts';

const LABELS = { x: 'X', y: 'Y', color: 'Colour', fx: 'Facet' } as const;
const TAKINGS: Record<'column' | 'bin', string> = { column: 'as it is', bin: 'in steps' };
const FIELD = 'h-7 min-w-0 rounded-md border border-line bg-surface px-1.5 text-sm';

interface SelectProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
  disabled?: boolean;
}

function Select({ label, value, options, onChange, disabled }: SelectProps) {
  return (
    <label className="flex min-w-0 flex-col gap-0.5 text-ink-2 text-xs">
      {label}
      <select
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value)}
        className={`${FIELD} text-ink disabled:opacity-60`}
      >
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function ChannelFields({
  name,
  choice,
  columns,
  onChange,
}: {
  name: (typeof FORM_CHANNELS)[number];
  choice: ChannelChoice;
  columns: readonly string[];
  onChange: (choice: ChannelChoice) => void;
}) {
  const label = LABELS[name];
  const reduced = name === 'fx' ? [] : PLOT_REDUCERS.map((reducer) => [reducer, reducer] as const);
  const takings: (readonly [Taking, string])[] = [
    ['none', '—'],
    ['column', TAKINGS.column],
    ...(name === 'fx' ? [] : [['bin', TAKINGS.bin] as const]),
    ...reduced,
    ...(choice.taking === 'other' ? [['other', 'as in the code'] as const] : []),
  ];
  const take = (taking: Taking) =>
    onChange({ taking, column: needsColumn(taking) ? choice.column || (columns[0] ?? '') : '' });
  return (
    <div className="grid grid-cols-2 gap-1">
      <Select
        label={`${label} column`}
        value={choice.column}
        options={[['', '—'], ...columns.map((column) => [column, column] as const)]}
        onChange={(column) =>
          onChange({
            column,
            taking: column === '' ? 'none' : needsColumn(choice.taking) ? choice.taking : 'column',
          })
        }
      />
      <Select
        label={`${label} value`}
        value={choice.taking}
        options={takings}
        onChange={(value) => take(value as Taking)}
      />
    </div>
  );
}

export interface PlotFormProps {
  output: PlotOutput;
  cellId: string;
  onClose: () => void;
}

export function PlotForm({ output, cellId, onClose }: PlotFormProps) {
  const session = useSession();
  const actions = useActions();
  const heading = useId();
  const ranSource = useCell(cellId)?.ranSource;
  const source =
    useSessionState((state) => state.drafts.get(cellId)?.source ?? state.view?.cells.get(cellId)?.source) ??
    '';
  const { spec } = output;
  const columns = output.columns.map(({ name }) => name);
  const [before, setBefore] = useState(() => formState(spec, columns));
  const [state, setState] = useState(before);
  const { changes, absent } = formChanges(before, state, spec, columns);
  const changed = Object.keys(changes).length > 0;
  const { callSite } = output;
  const elsewhere = callSite !== undefined && callSite.cellId !== cellId;
  const call = callSite && !elsewhere ? findPlotCall(source, ranSource, callSite) : undefined;
  const rewritten = call && rewriteCall(source, call, changes, absent);
  // In another cell it may be the name of an argument: nothing that this cell knows.
  const data = call?.data
    ? source.slice(call.data.start, call.data.end)
    : callSite && !elsewhere
      ? plottedText(ranSource, callSite)
      : undefined;
  const insertable = rewritten !== undefined || data !== undefined;
  const layered = spec.marks !== undefined;
  const set = (part: Partial<typeof state>) => setState({ ...state, ...part });

  /** The text edit of the session: drafts, conflicts and undo are those of typing. */
  const write = (run: boolean) => {
    const text = rewritten ?? (data && appendCall(source, data, changedSpec(spec, changes)));
    if (text === undefined) return;
    session.edit(cellId, text);
    setBefore(state);
    if (run) actions.run(cellId);
  };
  return (
    <section
      aria-labelledby={heading}
      className="flex flex-col gap-2 border-line border-t bg-raised px-3 py-2"
    >
      <div className="flex items-center justify-between">
        <p id={heading} className="font-medium text-sm">
          Edit plot
        </p>
        <Button size="sm" variant="quiet" onClick={onClose}>
          Close
        </Button>
      </div>
      {/* As many columns as the cell, not the window, has room for. */}
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,13rem),1fr))] gap-x-4 gap-y-2">
        <Select
          label={layered ? 'Mark (several layers: see the code)' : 'Mark'}
          value={state.mark}
          disabled={layered}
          options={[
            ...(layered ? [['', 'layers'] as const] : []),
            ...PLOT_MARKS.map((mark) => [mark, mark] as const),
          ]}
          onChange={(mark) => set({ mark: mark as PlotMark })}
        />
        {FORM_CHANNELS.map((name) => (
          <ChannelFields
            key={name}
            name={name}
            choice={state[name]}
            columns={columns}
            onChange={(choice) => set({ [name]: choice })}
          />
        ))}
        <div className="grid grid-cols-2 gap-1">
          {(['scaleX', 'scaleY'] as const).map((name) => (
            <Select
              key={name}
              label={name === 'scaleX' ? 'X scale' : 'Y scale'}
              value={state[name]}
              options={[['', 'by type'], ...SCALE_TYPES.map((type) => [type, type] as const)]}
              onChange={(type) => set({ [name]: type as ScaleType | '' })}
            />
          ))}
        </div>
        <label className="flex min-w-0 flex-col gap-0.5 text-ink-2 text-xs">
          Title
          <input
            value={state.title}
            onChange={(event) => set({ title: event.target.value })}
            className={`${FIELD} text-ink`}
          />
        </label>
      </div>
      <p className="text-ink-2 text-xs">
        {!insertable
          ? `${callSite ? `This plot was made in ${callSite.file}, line ${callSite.line}` : 'Where this plot was made is not known'}: what it shows has no name in this cell. Copy these options into the call of plot there.`
          : rewritten === undefined
            ? 'The call that made this plot is not in the cell as it was, or its options are not written out: this adds a call of its own at the end of the cell.'
            : changed
              ? 'Writes these options into the call in the cell:'
              : 'What you change here is written into the call of plot in the cell.'}
      </p>
      {changed && (
        <pre className="overflow-x-auto whitespace-pre-wrap text-ink text-xs">
          {codeOf(changedSpec(spec, changes))}
        </pre>
      )}
      <div className="flex gap-2">
        <Button variant="primary" disabled={!changed || !insertable} onClick={() => write(true)}>
          {rewritten === undefined ? 'Insert and run' : 'Write and run'}
        </Button>
        <Button disabled={!changed || !insertable} onClick={() => write(false)}>
          {rewritten === undefined ? 'Insert' : 'Write code'}
        </Button>
      </div>
    </section>
  );
}
