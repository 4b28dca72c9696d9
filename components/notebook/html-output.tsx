'use client';
/** A user's HTML: in an opaque origin, from its own address, as high as it says it is, within bounds. */
import { useEffect, useRef, useState } from 'react';

const HEIGHT = { usual: 240, least: 32, most: 1_600 };
/** A document whose height follows its frame's would grow for ever. */
const MOST_CHANGES = 50;

export function HtmlOutput({ url, label }: { url: string | undefined; label: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(HEIGHT.usual);
  useEffect(() => {
    let changes = 0;
    const listen = ({ source, data }: MessageEvent<unknown>) => {
      if (!frame.current || source !== frame.current.contentWindow || changes >= MOST_CHANGES) return;
      const said = (data as { stagelightHeight?: unknown } | null)?.stagelightHeight;
      if (typeof said !== 'number' || !Number.isFinite(said)) return;
      changes += 1;
      setHeight(Math.round(Math.min(HEIGHT.most, Math.max(HEIGHT.least, said))));
    };
    addEventListener('message', listen);
    return () => removeEventListener('message', listen);
  }, []);
  if (!url)
    return (
      <p className="px-3 py-2 text-ink-3">This HTML is no longer there. Run the cell again to see it.</p>
    );
  return (
    <div style={{ height }} className="resize-y overflow-hidden bg-white">
      <iframe ref={frame} title={label} src={url} sandbox="allow-scripts" className="size-full border-0" />
    </div>
  );
}
