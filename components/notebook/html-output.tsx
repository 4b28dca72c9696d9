/** A user's HTML: in an opaque origin, from its own address, with a height the reader may change. */
export function HtmlOutput({ url, label }: { url: string | undefined; label: string }) {
  if (!url)
    return (
      <p className="px-3 py-2 text-ink-3">This HTML is no longer there. Run the cell again to see it.</p>
    );
  return (
    <div className="h-60 resize-y overflow-hidden bg-white">
      <iframe title={label} src={url} sandbox="allow-scripts" className="size-full border-0" />
    </div>
  );
}
