'use client';
/** The heading of the panel, and the choice among the jobs of the cell. */
import { DropdownMenu } from 'radix-ui';
import type { JobView } from '../../engine/fold/state.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import { Icon } from '../ui/icon.tsx';
import { menuClass, menuItemClass } from '../ui/menu.ts';
import { StateGlyph } from '../ui/state-glyph.tsx';

function jobTitle(job: JobView): string {
  return `Job ${job.jobId} · ${job.description ?? job.callSite?.name ?? job.name}`;
}

export function JobPicker({ job, choices }: { job: JobView; choices: readonly JobView[] }) {
  const actions = useActions();
  if (choices.length < 2) {
    return (
      <h2 id="panel-job" className="font-semibold">
        {jobTitle(job)}
      </h2>
    );
  }
  return (
    <DropdownMenu.Root modal={false}>
      <h2 id="panel-job" className="font-semibold">
        <DropdownMenu.Trigger className="inline-flex items-center gap-1 rounded-sm hover:text-accent">
          {jobTitle(job)} <Icon name="chevron" className="size-3 rotate-90" />
          <span className="sr-only">, choose among {choices.length} jobs</span>
        </DropdownMenu.Trigger>
      </h2>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={4} className={`${menuClass} max-h-80 overflow-auto`}>
          <DropdownMenu.RadioGroup
            value={String(job.jobId)}
            onValueChange={(value) => actions.selectJob(Number(value))}
          >
            {choices.map((choice) => (
              <DropdownMenu.RadioItem
                key={choice.jobId}
                value={String(choice.jobId)}
                className={menuItemClass}
              >
                <StateGlyph state={choice.status} />
                {jobTitle(choice)}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
