/** A map output could not be read whole and unchanged: its map task must run again. Not the user's error. */

export class FetchFailedError extends Error {
  override name = 'FetchFailedError';
  readonly shuffleId: number;
  readonly mapIndex: number;
  readonly reduceId: number;
  /** The executor that wrote the output. */
  readonly executorId: string;

  constructor(
    at: { shuffleId: number; mapIndex: number; reduceId: number; executorId: string },
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.shuffleId = at.shuffleId;
    this.mapIndex = at.mapIndex;
    this.reduceId = at.reduceId;
    this.executorId = at.executorId;
  }
}
