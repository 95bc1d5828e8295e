import { createServer, type IncomingMessage } from "node:http";
import {
  decodeUpload,
  decodeUploadBody,
  decodeUploadEntry,
  digestOf,
  encodeReceipt,
  fromHex,
  type PayRequest,
  splitCertifiedBytes,
  toHex,
  UPLOAD_LENGTH,
  type VoucherBundle,
  voucherId,
  addressOfKey,
} from "@tallystick/protocol";
import type { ReceiptMembers, UploadRequest } from "@tallystick/protocol/wire";
import { domain, issuer, statusListAnswer } from "./issuer.ts";

/**
 * What a terminal or a personalizer finds at settlement's address here: a status list, the domain,
 * and calls that take vouchers.
 */
export interface SettlementDouble {
  readonly url: string;
  /** Vouchers that were uploaded, as they came. */
  readonly vouchers: readonly VoucherBundle[];
  /** Requests that were reversed, as they came. */
  readonly reversed: readonly PayRequest[];
  readonly close: () => Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What an upload is read from, whichever of its two forms it has (spec §6.7). */
type UploadSeen = Pick<UploadRequest, "upload" | "body">;

function uploadIn(body: Buffer, mediaType: string | undefined): UploadSeen {
  if (mediaType !== "application/octet-stream") return JSON.parse(body.toString("utf8")) as UploadSeen;
  const parts = splitCertifiedBytes(Uint8Array.from(body), UPLOAD_LENGTH);
  return { upload: toHex(parts.object), body: toHex(parts.body) };
}

/** The receipt of an upload, as settlement gives it. */
async function receiptOf({ upload }: UploadSeen): Promise<ReceiptMembers> {
  const head = fromHex(upload);
  const { payee, terminalId, uploadSeq } = decodeUpload(head);
  const receivedAt = Math.floor(Date.now() / 1_000);
  const content = { domain, issuerKeyId: 1, payee, terminalId, uploadSeq, uploadHash: digestOf(head), receivedAt };
  const receipt = encodeReceipt(content);
  return { receipt: toHex(receipt), receiptSignature: toHex(await issuer.sign(digestOf(receipt))) };
}

/**
 * Serves what settlement serves before any money moves; it judges nothing, so that a test sees what
 * a terminal would upload.
 */
export async function openSettlementDouble(): Promise<SettlementDouble> {
  const vouchers: VoucherBundle[] = [];
  const reversed: PayRequest[] = [];
  const take = async (upload: UploadSeen): Promise<unknown> => {
    const results: { voucherId: string; status: "new"; code: null }[] = [];
    for (const entry of decodeUploadBody(fromHex(upload.body)).entries) {
      const content = decodeUploadEntry(entry);
      if (content.kind === "reversal") reversed.push(content.reversal.request);
      if (content.kind !== "voucher") continue;
      vouchers.push(content.bundle);
      const id = voucherId(addressOfKey(content.bundle.cardKey), content.bundle.message);
      results.push({ voucherId: toHex(id), status: "new", code: null });
    }
    return { results, ...(await receiptOf(upload)) };
  };
  const answer = async (path: string, body: Buffer, mediaType: string | undefined): Promise<unknown> => {
    if (path === "/v1/status-list") return await statusListAnswer();
    if (path === "/v1/uploads") return await take(uploadIn(body, mediaType));
    if (path === "/v1/domain") {
      const issuerKeys = [{ id: 1, publicKey: toHex(issuer.publicKey) }];
      return { chainId: Number(domain.chainId), vault: toHex(domain.vault), issuerKeys };
    }
    if (path === "/v1/issuer") return { name: "issuer of the attacks" };
    // No reference is taken: the register is empty.
    if (path.startsWith("/v1/cards?reference=")) return { cards: [], next: null };
    return null;
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const found = await answer(request.url ?? "", body, request.headers["content-type"]);
      const type = found === null ? "application/problem+json" : "application/json";
      response.writeHead(found === null ? 404 : 200, { "content-type": type });
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
