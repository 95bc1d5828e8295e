import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  addressOfKey,
  decodeTerminalRequest,
  decodeUploadBody,
  decodeVoucherBundle,
  splitCertifiedBytes,
  TERMINAL_REQUEST_LENGTH,
  terminalRequestKinds,
  toHex,
  UPLOAD_LENGTH,
  voucherId,
} from "@tallystick/protocol";
import { signList } from "./test-terminal.ts";

/** A settlement over HTTP that takes every voucher and settles none. */
export async function startSettlement(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { head, signature, packedList } = await signList({ seq: 2 });
  const list = { head: toHex(head), signature: toHex(signature), list: Buffer.from(packedList).toString("base64") };
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { url = "" } = request;
      response.setHeader("content-type", "application/json");
      if (url === "/v1/status-list") response.end(JSON.stringify(list));
      else if (url === "/v1/uploads") response.end(JSON.stringify(takeAll(Buffer.concat(chunks))));
      else if (url === "/v1/requests" && kindOf(Buffer.concat(chunks)) === terminalRequestKinds.payee)
        response.end(JSON.stringify({ state: "confirmed", amount: "0.000001", tx: `0x${"7e".repeat(32)}` }));
      else response.end(JSON.stringify({ state: "received", batch: null, tx: null, refunds: [] }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a signed request asks. */
function kindOf(request: Uint8Array): number {
  const { object } = splitCertifiedBytes(Uint8Array.from(request), TERMINAL_REQUEST_LENGTH);
  return decodeTerminalRequest(object).kind;
}

function takeAll(request: Uint8Array): unknown {
  const { body } = splitCertifiedBytes(Uint8Array.from(request), UPLOAD_LENGTH);
  const vouchers = decodeUploadBody(body).entries.filter(({ kind }) => kind === 1);
  const results = vouchers.map(({ data }) => {
    const { cardKey, message } = decodeVoucherBundle(data);
    return { voucherId: toHex(voucherId(addressOfKey(cardKey), message)), status: "new", code: null };
  });
  return { results };
}
