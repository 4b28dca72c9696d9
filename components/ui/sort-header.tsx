/** The head of a column that can be sorted by. */
export interface SortHeaderProps {
  label: string;
  numeric: boolean;
  direction: 'ascending' | 'descending' | 'none';
  onSort: () => void;
}

export function SortHeader({ label, numeric, direction, onSort }: SortHeaderProps) {
  return (
    <th scope="col" aria-sort={direction} className="bg-raised p-0 font-medium text-ink-2">
      <button
        type="button"
        onClick={onSort}
        className={`flex h-6 w-full items-center gap-1 whitespace-nowrap px-2 hover:text-ink focus-visible:-outline-offset-2 ${numeric ? 'justify-end' : ''}`}
      >
        {label}
        <span aria-hidden="true" className="w-2 text-accent">
          {direction === 'none' ? '' : direction === 'descending' ? '↓' : '↑'}
        </span>
      </button>
    </th>
  );
}
