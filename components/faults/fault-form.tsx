'use client';
/** Asks which partition is meant, and how much a slowed one is slowed. A refusal is shown at the form. */
import { Dialog } from 'radix-ui';
import { type FormEvent, useId, useState } from 'react';
import { useStore } from 'zustand';
import { MAX_SLOW_DELAY_MS, MAX_SLOW_FACTOR } from '../../engine/fault-protocol.ts';
import type { ErrorData } from '../../engine/protocol.ts';
import { useSession } from '../session/session-context.tsx';
import { DialogFooter, DialogFrame } from '../ui/dialog-frame.tsx';
import { faultStoreOf, sendFault } from './fault-store.ts';
import { askedFault, type FaultForm as Form } from './fault-target.ts';

const labelClass = 'block text-ink-2 text-xs';
const inputClass = 'h-8 w-24 rounded-md border border-line-strong bg-surface px-3 tabular-nums';

export function FaultForm() {
  const session = useSession();
  const store = faultStoreOf(session);
  const asked = useStore(store, (state) => state.form);
  if (!asked) return null;
  const { form, from } = asked;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && store.setState({ form: undefined })}>
      <DialogFrame
        title={form.title}
        aria-describedby={undefined}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          from?.focus({ preventScroll: true });
        }}
      >
        <Fields
          key={form.title}
          form={form}
          submit={async (partition, slowness) => {
            const fault = askedFault(form, partition, slowness);
            const error = await sendFault(session, { type: 'injectFault', fault });
            if (!error) store.setState({ form: undefined });
            // Said here, not a second time behind the dialog.
            else store.setState({ refused: undefined });
            return error;
          }}
        />
      </DialogFrame>
    </Dialog.Root>
  );
}

type Way = 'delay' | 'factor';

const WAYS: { way: Way; label: string; unit: string; initial: number; most: number }[] = [
  { way: 'delay', label: 'Begins later', unit: 'seconds', initial: 30, most: MAX_SLOW_DELAY_MS / 1_000 },
  { way: 'factor', label: 'Takes longer', unit: 'times as long', initial: 10, most: MAX_SLOW_FACTOR },
];

function Fields({
  form,
  submit,
}: {
  form: Form;
  submit: (
    partition: number,
    slowness: { delay: number } | { factor: number },
  ) => Promise<ErrorData | undefined>;
}) {
  const id = useId();
  const [partition, setPartition] = useState(form.partition ?? 0);
  const [way, setWay] = useState<Way>('delay');
  const [amounts, setAmounts] = useState({ delay: 30, factor: 10 });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();
  const slows = form.kind === 'slowPartition';

  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const slowness = way === 'delay' ? { delay: amounts.delay * 1_000 } : { factor: amounts.factor };
    const refusal = await submit(partition, slowness);
    if (!refusal) return;
    setBusy(false);
    setError(refusal);
  }

  return (
    <form onSubmit={onSubmit} className="mt-3 space-y-3">
      {form.partition === undefined && (
        <div>
          <label htmlFor={`${id}-partition`} className={labelClass}>
            Partition, 0 to {form.partitions - 1}
          </label>
          <input
            id={`${id}-partition`}
            type="number"
            required
            min={0}
            max={form.partitions - 1}
            step={1}
            value={Number.isNaN(partition) ? '' : partition}
            onChange={(event) => setPartition(event.target.valueAsNumber)}
            className={`mt-1 ${inputClass}`}
          />
        </div>
      )}
      {slows && (
        <>
          <fieldset>
            <legend className={labelClass}>How its next attempts are slowed</legend>
            <div className="mt-1 flex flex-col gap-2">
              {WAYS.map(({ way: one, label, unit, most }) => (
                <div key={one} className="flex items-center gap-2">
                  <label className="flex w-32 items-center gap-2">
                    <input
                      type="radio"
                      name={`${id}-way`}
                      checked={way === one}
                      onChange={() => setWay(one)}
                    />
                    {label}
                  </label>
                  <input
                    type="number"
                    required={way === one}
                    disabled={way !== one}
                    aria-label={`${label}, ${unit}`}
                    min={one === 'factor' ? 2 : 1}
                    max={most}
                    step={1}
                    value={Number.isNaN(amounts[one]) ? '' : amounts[one]}
                    onChange={(event) => setAmounts({ ...amounts, [one]: event.target.valueAsNumber })}
                    className={`${inputClass} disabled:opacity-50`}
                  />
                  <span className="text-ink-2 text-xs">{unit}</span>
                </div>
              ))}
            </div>
          </fieldset>
          <p className="text-ink-2 text-xs">
            In this stage and in later stages of the same call, until it is let go. Run the cell to see it.
          </p>
        </>
      )}
      {error && (
        <p role="alert" className="text-bad [overflow-wrap:anywhere]">
          {error.message}. {error.hint}
        </p>
      )}
      <DialogFooter confirm={form.confirm} disabled={busy} />
    </form>
  );
}
