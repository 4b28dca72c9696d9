/** How replies travel: each within the size of a message, and what several viewers get made into JSON once. */
import { randomUUID } from 'node:crypto';
import { MAX_MESSAGE_BYTES } from '../engine/fold/message-size.ts';
import { messageParts, textParts } from './message-parts.ts';

declare global {
  interface JSON {
    /** Of Node; not yet in the declarations of the language. */
    rawJSON(text: string): object;
  }
}

export type Acknowledge = (reply: object) => void;

/** As bytes, which socket.io passes on as they are: a text would be escaped once more, for every viewer. */
export function bytesOf(texts: string[] | undefined): Buffer[] | undefined {
  return texts?.map((text) => Buffer.from(text));
}

/** What socket.io and our own names take of a message, at most. */
const ENVELOPE_BYTES = 200;
/** Characters of an answer from which on it is made into JSON once for all who get it. */
const SHARED_FROM = 4_000;

/** How a reply travels: in one message, or in parts and a message that names them. */
type Packed = { message: object } | { parts: Buffer[] };

/** Answers that several viewers get, as they travel, while anybody holds the answer. */
const packedAnswers = new WeakMap<object, Packed>();

function packed(reply: object): Packed {
  const answer = 'answer' in reply ? (reply.answer as object) : undefined;
  if (!answer) {
    const parts = bytesOf(messageParts(reply));
    return parts ? { parts } : { message: reply };
  }
  const known = packedAnswers.get(answer) ?? packedAnswer(reply);
  packedAnswers.set(answer, known);
  return known;
}

function packedAnswer(reply: object): Packed {
  const text = JSON.stringify(reply);
  if (text.length <= SHARED_FROM) return { message: reply };
  const parts = bytesOf(textParts(text));
  if (parts) return { parts };
  // The text of a text, which socket.io puts into its message without looking into it: an answer of its own would be
  // made into JSON for each viewer, and bytes would be a message more.
  const escaped = JSON.stringify(text);
  if (Buffer.byteLength(escaped) > MAX_MESSAGE_BYTES - ENVELOPE_BYTES) return { parts: [Buffer.from(text)] };
  return { message: { ok: true, inText: JSON.rawJSON(escaped) } };
}

/** What of a socket is needed. */
interface Sender {
  emit(event: 'message:part', part: { id: string; bytes: Buffer }): unknown;
}

/** Answers in one message, or in parts that arrive before an acknowledgement which names them. */
export function replier(socket: Sender, acknowledge: Acknowledge): Acknowledge {
  return (reply) => {
    const answer = packed(reply);
    if ('message' in answer) return acknowledge(answer.message);
    const id = randomUUID();
    for (const bytes of answer.parts) socket.emit('message:part', { id, bytes });
    return acknowledge({ ok: true, inParts: id });
  };
}
