import { createServer, type IncomingMessage } from "node:http";
import {
  decodeUploadBody,
  decodeUploadEntry,
  fromHex,
  type PayRequest,
  toHex,
  type VoucherBundle,
  voucherId,
  addressOfKey,
} from "@tallystick/protocol";
import type { UploadRequest } from "@tallystick/protocol/wire";
import { domain, issuer, statusListAnswer } from "./issuer.ts";

/** What a terminal or a personalizer finds at settlement's address here: a status list, the domain, and calls that take vouchers. */
export interface SettlementDouble {
  readonly url: string;
  /** Vouchers that were uploaded, as they came. */
  readonly vouchers: readonly VoucherBundle[];
  /** Requests that were reversed, as they came. */
  readonly reversed: readonly PayRequest[];
  readonly close: () => Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Serves what settlement serves before any money moves; it judges nothing, so that a test sees what a terminal would upload. */
export async function openSettlementDouble(): Promise<SettlementDouble> {
  const vouchers: VoucherBundle[] = [];
  const reversed: PayRequest[] = [];
  const take = (upload: UploadRequest): unknown => {
    const results: { voucherId: string; status: "new"; code: null }[] = [];
    for (const entry of decodeUploadBody(fromHex(upload.body)).entries) {
      const content = decodeUploadEntry(entry);
      if (content.kind === "reversal") reversed.push(content.reversal.request);
      if (content.kind !== "voucher") continue;
      vouchers.push(content.bundle);
      const id = voucherId(addressOfKey(content.bundle.cardKey), content.bundle.message);
      results.push({ voucherId: toHex(id), status: "new", code: null });
    }
    return { results };
  };
  const answer = async (path: string, body: string): Promise<unknown> => {
    if (path === "/v1/status-list") return await statusListAnswer();
    if (path === "/v1/uploads") return take(JSON.parse(body) as UploadRequest);
    if (path === "/v1/domain") {
      const issuerKeys = [{ id: 1, publicKey: toHex(issuer.publicKey) }];
      return { chainId: Number(domain.chainId), vault: toHex(domain.vault), issuerKeys };
    }
    return null;
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const found = await answer(request.url ?? "", body);
      response.writeHead(found === null ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(found ?? { code: "NOT_FOUND" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    vouchers,
    reversed,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
