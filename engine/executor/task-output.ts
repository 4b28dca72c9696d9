/** What tasks write to stdout and stderr, on its way to the cell: bounded per task, gathered, never blocking. */
import type { FromExecutor } from './messages.ts';

const LIMIT = 64 * 1024;
const INTERVAL = 50;

type OutputMessage = Extract<FromExecutor, { type: 'taskOutput' }>;

export class TaskOutput {
  readonly #post: (message: OutputMessage) => void;
  /** Called when text has waited long enough that the task should not go on without sending it. */
  readonly #due: () => void;
  #taskId = -1;
  #left = 0;
  #waiting: OutputMessage | undefined;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(post: (message: OutputMessage) => void, due: () => void) {
    this.#post = post;
    this.#due = due;
  }

  /** From now on text belongs to this task. */
  begin(taskId: number): void {
    this.flush();
    this.#taskId = taskId;
    this.#left = LIMIT;
  }

  write(stream: 'stdout' | 'stderr', text: string): void {
    if (this.#taskId < 0) return;
    const kept = text.length <= this.#left ? text : text.slice(0, this.#left);
    this.#left -= kept.length;
    if (this.#waiting !== undefined && this.#waiting.stream !== stream) this.flush();
    this.#waiting ??= this.#open(stream);
    this.#waiting.text += kept;
    this.#waiting.dropped += text.length - kept.length;
    // A synchronous task lets no timer run; its next write finds out.
    if (performance.now() - this.#since > INTERVAL) this.#due();
  }

  #open(stream: 'stdout' | 'stderr'): OutputMessage {
    this.#since = performance.now();
    this.#timer ??= setTimeout(this.#due, INTERVAL).unref();
    return { type: 'taskOutput', taskId: this.#taskId, stream, text: '', dropped: 0 };
  }

  flush(): void {
    if (this.#waiting === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#post(this.#waiting);
    this.#waiting = undefined;
  }
}
