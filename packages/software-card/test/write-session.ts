/**
 * Records `issueAndPay` with the applet in cardhost, for the test that replays it:
 * `node infra/bootstrap/source.mjs packages/software-card/test/write-session.ts`.
 */
import { writeFileSync } from "node:fs";
import { formatSession, recordSession } from "@tallystick/apdu/testing";
import { createVpcdProvider } from "@tallystick/apdu/vpcd";
import { freePort, makeWorkFolder, startCardhost } from "@tallystick/stack";
import { issueAndPay } from "../src/testing/issue-and-pay.ts";

const HEADER = `# A card from its factory keys to its first payment, as it went over the wire: the applet in cardhost, below the secure channel.
# Written by test/write-session.ts; test/recorded-session.test.ts replays it.
`;

const folder = makeWorkFolder("recorded");
const port = await freePort();
const host = await startCardhost({ port, state: `${folder.path}/card`, listen: true });
const provider = createVpcdProvider([{ name: "card", host: "127.0.0.1", port }]);
try {
  const connection = await provider.reader("card").connect();
  const { channel, record } = recordSession(connection.transmit);
  await issueAndPay(channel);
  await connection.disconnect();
  const file = new URL("./sessions/issue-and-pay.txt", import.meta.url);
  writeFileSync(file, HEADER + formatSession(record()));
} finally {
  await provider.close();
  await host.stop();
  folder.remove();
}
