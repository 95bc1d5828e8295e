import type { CardConnection, Reader } from "@tallystick/apdu";
import { until } from "@tallystick/stack";

/** A connection to the card that is being put on a reader. */
export async function connected(reader: Pick<Reader, "connect">, deadlineMs: number): Promise<CardConnection> {
  return await until(
    "A connection to the card",
    async () => {
      try {
        return await reader.connect();
      } catch {
        return undefined;
      }
    },
    deadlineMs,
  );
}
