/** The product's mark: a lamp over its cone of light. */
export function Mark() {
  return (
    <svg aria-hidden="true" viewBox="0 0 24 24" className="size-6 shrink-0">
      <rect width="24" height="24" rx="6" fill="var(--accent-soft)" />
      <path d="M12 5 5.5 19.5h13z" fill="var(--accent)" opacity=".3" />
      <circle cx="12" cy="5.5" r="2.5" fill="var(--accent)" />
      <path d="M6 19.5h12" stroke="var(--accent)" strokeWidth="1.6" strokeLinecap="round" />
    </svg>
  );
}
