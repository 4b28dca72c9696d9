/**
 * What is sent to a viewer within one turn of the event loop leaves in one write. By itself each message is written when
 * it is sent, and a write of a few bytes takes as long as folding the events of thirty tasks.
 */

/** What of engine.io's connection is needed, which its types keep to itself. */
interface Connection {
  /** Writes what waits, when the transport is ready. */
  flush(): void;
  transport: { socket?: { _socket?: { cork(): void; uncork(): void } } };
}

/** `conn`: that of a socket. */
export function gatherWrites(conn: unknown): void {
  const connection = conn as Connection;
  const flush = connection.flush.bind(connection);
  let due = false;
  connection.flush = () => {
    if (due) return;
    due = true;
    setImmediate(() => {
      due = false;
      // Each message is a frame of its own, and would be a write of its own.
      const wire = connection.transport.socket?._socket;
      wire?.cork();
      flush();
      wire?.uncork();
    });
  };
}
