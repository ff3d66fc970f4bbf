/** A request of the broker's own client between the same two processes: what the machine takes before the runtime adds to it. */
import { connect } from 'nats';

const SUBJECT = 'bench.bare';

/** Answers with what it was asked. The answer of this function ends it. */
export async function answerBare(url: string): Promise<() => Promise<void>> {
  const connection = await connect({ servers: url });
  connection.subscribe(SUBJECT, { callback: (_, message) => void message.respond(message.data) });
  await connection.flush();
  return () => connection.close();
}

/** Asks with as many bytes as a small question takes on the wire. */
export async function bareAsker(url: string): Promise<{ ask(): Promise<unknown>; close(): Promise<void> }> {
  const connection = await connect({ servers: url });
  const bytes = new Uint8Array(100);
  return {
    ask: () => connection.request(SUBJECT, bytes, { timeout: 1_000 }),
    close: () => connection.close(),
  };
}
