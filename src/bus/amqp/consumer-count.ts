import type { BusConnection } from "./bus-connection.js";

/**
 * How many consume from a queue now; 0 where there is no such queue. One whose connection broke without a word counts until the
 * broker misses its heartbeats.
 * @throws the signal's reason when no broker is there in time
 */
export async function consumerCount(connection: BusConnection, queue: string, signal: AbortSignal): Promise<number> {
  const session = await connection.session(signal);
  // A channel of its own: the broker closes it where the queue is missing (404).
  const { channel, close } = await session.openChannel();
  try {
    return (await channel.checkQueue(queue)).consumerCount;
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error && error.code === 404) return 0;
    throw error;
  } finally {
    await close();
  }
}
