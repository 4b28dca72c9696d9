'use client';
/** Asks the server a view question, again when its subject changes: at once first, then at most so many times a second. */
import { useEffect, useRef, useState } from 'react';
import type { ViewAnswer, ViewQuery } from '../../engine/viewer-protocol.ts';
import { Pace } from '../session/pace.ts';
import { useSession } from '../session/session-context.tsx';

export interface QueryResult<Answer> {
  answer: Answer | undefined;
  error: string | undefined;
}

/**
 * `version` is any value that changes when the answer may have; `enabled` false keeps what was answered last.
 * One question is under way at a time; what changes meanwhile asks once more afterwards.
 */
export function useQuery<Answer extends ViewAnswer>(
  query: ViewQuery & { type: Answer['type'] },
  version: unknown,
  { interval, enabled = true }: { interval: number; enabled?: boolean },
): QueryResult<Answer> {
  const session = useSession();
  const [result, setResult] = useState<QueryResult<Answer>>({ answer: undefined, error: undefined });
  const text = JSON.stringify(query);
  const latest = useRef(query);
  latest.current = query;
  const pace = useRef<Pace>(undefined);

  useEffect(() => {
    let current = true;
    let asking = false;
    let again = false;
    const ask = async () => {
      if (asking) {
        again = true;
        return;
      }
      asking = true;
      try {
        const answer = await session.query<Answer>(latest.current);
        if (current) setResult({ answer, error: undefined });
      } catch (error) {
        if (current)
          setResult((before) => ({
            ...before,
            error: error instanceof Error ? error.message : String(error),
          }));
      }
      asking = false;
      if (again && current) {
        again = false;
        pace.current?.request();
      }
    };
    pace.current = new Pace(interval, () => void ask());
    return () => {
      current = false;
      pace.current?.stop();
    };
  }, [session, interval]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the question's text and its version are the causes to ask
  useEffect(() => {
    if (enabled) pace.current?.request();
  }, [text, version, enabled, session]);

  return result;
}
