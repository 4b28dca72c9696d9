'use client';
/** A user's HTML: in an opaque origin, from its own address, as high as it says it is, within bounds. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { FrameWatch, type NoteStorage } from './frame-watch.ts';

const HEIGHT = { usual: 240, least: 32, most: 1_600 };
/** A document whose height follows its frame's would grow for ever. */
const MOST_CHANGES = 50;

function sessionStore(): NoteStorage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}

let watch: FrameWatch | undefined;

function frameWatch(): FrameWatch {
  if (watch) return watch;
  const made = new FrameWatch(sessionStore());
  globalThis.addEventListener?.('pagehide', () => made.left());
  watch = made;
  return made;
}

export function HtmlOutput({ url, label }: { url: string | undefined; label: string }) {
  const [asked, setAsked] = useState(false);
  const [heldUp] = useState(() => url !== undefined && frameWatch().heldUp(url));
  if (!url)
    return (
      <p className="px-3 py-2 text-ink-3">This HTML is no longer there. Run the cell again to see it.</p>
    );
  if (heldUp && !asked)
    return (
      <p className="px-3 py-2 text-ink-2">
        The page stood still or was closed by force while this HTML was shown, so it was not shown again.{' '}
        <button type="button" className="text-accent hover:underline" onClick={() => setAsked(true)}>
          Show it
        </button>
      </p>
    );
  return <HtmlFrame url={url} label={label} />;
}

function HtmlFrame({ url, label }: { url: string; label: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(HEIGHT.usual);
  // Noted before the frame begins to load.
  useLayoutEffect(() => frameWatch().shows(url), [url]);
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
  return (
    <div style={{ height }} className="resize-y overflow-hidden bg-white">
      <iframe ref={frame} title={label} src={url} sandbox="allow-scripts" className="size-full border-0" />
    </div>
  );
}
