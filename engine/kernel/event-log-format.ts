/** The lines of an event log: a header, then one event per line as `{"seq":N,"type":…}`. */
import { StagelightError } from '../errors.ts';
import { zeroMetrics } from '../fold/progress.ts';
import type { EventLogHeader, EventType, SequencedEvent, StagelightEvent, TaskMetrics } from '../protocol.ts';
import { PROTOCOL_VERSION, TASK_METRICS } from '../protocol.ts';
import { taskEndJson, taskStartJson } from './task-event-json.ts';

/** How lines of one kind of log become events. Another kind of log is another value of this. */
export interface EventLogFormat {
  name: string;
  /** Whether the log's first line is one of this format's. */
  accepts(first: Record<string, unknown>): boolean;
  /** Checks the first line; throws by name what it cannot read. */
  open(first: Record<string, unknown>, path: string): OpenedFormat;
}

export interface OpenedFormat {
  boot: string;
  /** The events of one later line; throws a StagelightError with the code EVENT_LOG_LINE where it is none. */
  decode(line: string): SequencedEvent[];
}

const EVENT_TYPES: Record<EventType, true> = {
  applicationStart: true,
  applicationEnd: true,
  executorAdded: true,
  executorRemoved: true,
  executorMetrics: true,
  executorExcluded: true,
  executorUnexcluded: true,
  jobWaiting: true,
  jobStart: true,
  jobEnd: true,
  stageSubmitted: true,
  stageSkipped: true,
  stageCompleted: true,
  accumulated: true,
  adaptivePlan: true,
  taskStart: true,
  speculativeTaskSubmitted: true,
  taskEnd: true,
  stageProgress: true,
  blockCached: true,
  blockEvicted: true,
  unpersistRdd: true,
  rddName: true,
  faultInjected: true,
  faultsCleared: true,
  partitionsLost: true,
  notebookOpened: true,
  cellInserted: true,
  cellDeleted: true,
  cellMoved: true,
  cellEdited: true,
  cellKindChanged: true,
  cellAnalyzed: true,
  notebookSaved: true,
  outputsSaved: true,
  kernelStatus: true,
  cellQueued: true,
  cellStarted: true,
  cellOutput: true,
  cellFinished: true,
  outputsCleared: true,
  variables: true,
  outputsRestored: true,
  cellRestored: true,
  binTrimmed: true,
  historyChanged: true,
  cellCollapsed: true,
  stalenessChanged: true,
};

/** The JSON of an event, for the log and for the host alike; metrics that are zero are left out. */
export function stringifyEvent(event: StagelightEvent): string {
  if (event.type === 'taskEnd') return taskEndJson(event);
  if (event.type === 'taskStart') return taskStartJson(event);
  return JSON.stringify(event);
}

const COMMA = 0x2c;
const LINE_END = 0x0a;
/** Bytes of a line besides those of the event's JSON. */
const MOST_BESIDES = 32;

/** Bytes that a line may take. Counted exactly where that matters: three for each character would be much. */
export function mostBytes(eventJson: string): number {
  const { length } = eventJson;
  return MOST_BESIDES + (length > 65_536 ? Buffer.byteLength(eventJson) : 3 * length);
}

/** Writes the line of an event's JSON into `bytes`, and returns where it ends. The JSON is copied once: there. */
export function writeLogLine(bytes: Buffer, start: number, seq: number, eventJson: string): number {
  const json = start + bytes.write(`{"seq":${seq}`, start, 'latin1');
  const end = json + bytes.write(eventJson, json, 'utf8');
  // For its brace.
  bytes[json] = COMMA;
  bytes[end] = LINE_END;
  return end + 1;
}

/** An event as `stringifyEvent` wrote it, its zero metrics back in place. */
function completeEvent(event: StagelightEvent): StagelightEvent {
  if (event.type !== 'taskEnd') return event;
  const metrics = zeroMetrics();
  const written: Partial<TaskMetrics> = event.metrics ?? {};
  for (const name of TASK_METRICS) {
    const value = written[name];
    if (value !== undefined) metrics[name] = value;
  }
  event.metrics = metrics;
  return event;
}

const stagelightFormat: EventLogFormat = {
  name: 'Stagelight',
  accepts: (first) => first['type'] === 'logStart' && first['format'] === 'stagelight-events',
  open(first, path) {
    const header = first as unknown as EventLogHeader;
    if (typeof header.version !== 'number' || header.version > PROTOCOL_VERSION) {
      throw new StagelightError(
        'EVENT_LOG_VERSION',
        `${path} has event log version ${header.version}; this program reads up to version ${PROTOCOL_VERSION}`,
        { hint: 'Open it with the version of Stagelight that wrote it, or a later one.' },
      );
    }
    return { boot: String(header.boot), decode: decodeLine };
  },
};

const SEQ = '{"seq":';

/** The sequence number is cut off the text: parsing it with the event and taking it out again costs far more. */
function decodeLine(line: string): SequencedEvent[] {
  const comma = line.indexOf(',');
  const seq = line.startsWith(SEQ) && comma > 0 ? Number(line.slice(SEQ.length, comma)) : Number.NaN;
  let event: StagelightEvent;
  try {
    event = JSON.parse(comma > 0 && seq > 0 ? `{${line.slice(comma + 1)}` : line);
  } catch {
    throw lineError('is not JSON');
  }
  if (typeof event !== 'object' || event === null) throw lineError('is not an event');
  if (!Number.isSafeInteger(seq)) throw lineError('has no sequence number');
  if (typeof event.type !== 'string' || !Object.hasOwn(EVENT_TYPES, event.type)) {
    throw lineError(`has an unknown event type ${JSON.stringify(event.type)?.slice(0, 60)}`);
  }
  return [{ seq, event: completeEvent(event) }];
}

/** `fault` follows "FILE line N "; the reader, which knows the file and the line, puts them before it. */
export function lineError(fault: string): StagelightError {
  return new StagelightError('EVENT_LOG_LINE', fault);
}

export function formatOf(first: unknown, path: string): EventLogFormat {
  if (typeof first === 'object' && first !== null) {
    const line = first as Record<string, unknown>;
    if (stagelightFormat.accepts(line)) return stagelightFormat;
    if (typeof line['Event'] === 'string' && line['Event'].startsWith('SparkListener')) {
      throw new StagelightError(
        'EVENT_LOG_FORMAT',
        `${path} is an Apache Spark event log, which is not read yet`,
        {
          hint: "Open a log written by 'stagelight run --events FILE'.",
        },
      );
    }
  }
  throw new StagelightError('EVENT_LOG_FORMAT', `${path} is not a Stagelight event log`, {
    hint: "Its first line must be the header that 'stagelight run --events FILE' writes.",
  });
}
