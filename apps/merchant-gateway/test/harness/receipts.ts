import { decodeUpload, digestOf, encodeReceipt, fromHex, type Receipt, type Signer, toHex } from "@tallystick/protocol";
import type { ReceiptMembers, UploadRequest } from "@tallystick/protocol/wire";
import { issuer } from "./test-terminal.ts";

/** The receipt of an upload as settlement signs it, with what a test changes in it. */
export async function signReceipt(
  { upload }: Pick<UploadRequest, "upload">,
  receivedAt: number,
  options: { readonly changes?: Partial<Receipt>; readonly signer?: Signer } = {},
): Promise<Required<ReceiptMembers>> {
  const head = fromHex(upload);
  const { domain, payee, terminalId, uploadSeq } = decodeUpload(head);
  const { changes = {}, signer = issuer } = options;
  const content = { domain, issuerKeyId: 1, payee, terminalId, uploadSeq, uploadHash: digestOf(head), receivedAt };
  const receipt = encodeReceipt({ ...content, ...changes });
  return { receipt: toHex(receipt), receiptSignature: toHex(await signer.sign(digestOf(receipt))) };
}
