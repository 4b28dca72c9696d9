'use client';
/** The timeline's data for the visible range; live while the job runs and the timeline is on screen. */
import { type RefObject, useEffect, useState } from 'react';
import type { TimelineAnswer } from '../../engine/viewer-protocol.ts';
import { type QueryResult, useQuery } from '../jobs/use-query.ts';
import { useNow } from '../ui/use-now.ts';
import type { Domain } from './time-scale.ts';

const LIVE_INTERVAL = 250;

function useOnScreen(ref: RefObject<HTMLElement | null>): boolean {
  const [onScreen, setOnScreen] = useState(true);
  useEffect(() => {
    if (!ref.current) return;
    let intersecting = true;
    const update = () => setOnScreen(intersecting && document.visibilityState === 'visible');
    const observer = new IntersectionObserver(([entry]) => {
      intersecting = entry?.isIntersecting ?? true;
      update();
    });
    observer.observe(ref.current);
    document.addEventListener('visibilitychange', update);
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', update);
    };
  }, [ref]);
  return onScreen;
}

export interface TimelineRequest {
  jobIds: readonly number[];
  lanes: 'executor' | 'partition';
  domain: Domain | undefined;
  width: number;
  /** Changes with every change of the job's stages. */
  version: number;
  running: boolean;
}

export function useTimeline(
  ref: RefObject<HTMLElement | null>,
  request: TimelineRequest,
): QueryResult<TimelineAnswer> {
  const { jobIds, lanes, domain, width, version, running } = request;
  const onScreen = useOnScreen(ref);
  // Bars of running tasks grow without any event.
  const beat = useNow(running && onScreen, LIVE_INTERVAL);
  return useQuery<TimelineAnswer>(
    {
      type: 'timeline',
      jobIds: [...jobIds],
      lanes,
      width: Math.min(4096, Math.max(1, width)),
      ...(domain && { from: domain.from, to: domain.to }),
    },
    `${version} ${running ? beat : 'ended'}`,
    { interval: LIVE_INTERVAL, enabled: onScreen && width > 0 },
  );
}
