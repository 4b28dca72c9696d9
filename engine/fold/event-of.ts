/** One member of the event union, by its tag. */
import type { EventType, StagelightEvent } from '../protocol.ts';

export type EventOf<T extends EventType> = Extract<StagelightEvent, { type: T }>;
