import {
  addressOfKey,
  decodeUpload,
  decodeUploadBody,
  decodeUploadEntry,
  decodeVoucherBundle,
  digestOf,
  encodeUpload,
  fromHex,
  toHex,
  voucherId,
} from "@tallystick/protocol";
import type { UploadRequest, UploadResponse } from "@tallystick/protocol/wire";
import { SettlementError, type SettlementPort } from "../../../src/sync/settlement-client.ts";
import type { OfferedList } from "../../../src/status/status-lists.ts";
import { signList } from "../test-terminal.ts";

/**
 * Settlement behind a line that takes no long bodies, by the rules that a terminal can see. It
 * keeps what arrived, and what the terminal's chain of uploads does not explain.
 */
export class LineSettlement implements SettlementPort {
  readonly authenticated = true;
  /** Bytes of body that the line takes. */
  lineTakes = Infinity;
  /** Kinds of entries of which somebody on the way takes none. */
  readonly lineRefusesKinds = new Set<number>();
  /** Vouchers that settlement's decoder would not take: it refuses the whole body. */
  readonly poison = new Set<string>();
  /** Whether settlement's decoder knows uploads set aside; else it refuses a body with one. */
  knowsSetAside = true;
  /** Whether the answer of an upload that arrived is lost, asked each time. */
  losesAnswer: () => boolean = () => false;
  /** Every body that was sent, by its length. */
  readonly sent: number[] = [];
  /** Vouchers and counters of reversals, in the order in which they came first. */
  readonly arrived: string[] = [];
  /** Uploads that arrived, by number. */
  readonly bySeq = new Map<number, string>();
  /** What breaks the chain. */
  readonly breaks: string[] = [];
  private readonly links = new Set<string>();
  private readonly uploads: { readonly seq: number; readonly upload: string; readonly signature: string }[] = [];

  upload({ upload, signature, body }: UploadRequest): Promise<UploadResponse> {
    const bytes = fromHex(body);
    this.sent.push(bytes.length);
    const isFiltered = decodeUploadBody(bytes).entries.some(({ kind }) => this.lineRefusesKinds.has(kind));
    if (isFiltered || bytes.length > this.lineTakes)
      return refuse("LINE_BODY_TOO_LARGE", { status: 413, line: "LINE_BODY_TOO_LARGE", against: "anybody" });
    const entries = decodeUploadBody(bytes).entries.map((entry) => ({ entry, content: decodeUploadEntry(entry) }));
    const ids = entries.filter(({ entry }) => entry.kind === 1).map(({ entry }) => idOfEntry(entry.data));
    const isUnknown = !this.knowsSetAside && entries.some(({ entry }) => entry.kind === 5);
    if (isUnknown || ids.some((id) => this.poison.has(id)))
      return refuse("MALFORMED_UPLOAD", { status: 400, refusal: "MALFORMED_UPLOAD", against: "settlement" });
    for (const { content } of entries)
      if (content.kind === "setAside") this.links.add(toHex(digestOf(encodeUpload(content.upload))));
    this.extendChain(upload);
    const latest = this.latest(upload, signature);
    for (const { content } of entries)
      if (content.kind === "reversal") this.note(`reversal of ${content.reversal.request.counter}`);
    const results = ids.map((voucherId) => ({
      voucherId,
      status: this.note(voucherId) ? ("new" as const) : ("duplicate" as const),
      code: null,
    }));
    if (this.losesAnswer()) return refuse("LINE_CONNECTION_RESET", { line: "LINE_CONNECTION_RESET" });
    return Promise.resolve({ results, ...latest });
  }

  /** The upload with the highest number, where it is another one (spec §6.7). */
  private latest(upload: string, signature: string): Partial<UploadResponse> {
    const { uploadSeq: seq } = decodeUpload(fromHex(upload));
    if (!this.uploads.some((each) => each.upload === upload)) this.uploads.push({ seq, upload, signature });
    const [found] = this.uploads
      .filter((each) => each.upload !== upload && each.seq >= seq)
      .sort((left, right) => right.seq - left.seq);
    return found === undefined ? {} : { latestUpload: found.upload, latestUploadSignature: found.signature };
  }

  async statusList(): Promise<OfferedList> {
    return await signList();
  }

  vouchers(): Promise<null> {
    return Promise.resolve(null);
  }

  private note(what: string): boolean {
    if (this.arrived.includes(what)) return false;
    this.arrived.push(what);
    return true;
  }

  private extendChain(upload: string): void {
    const { uploadSeq, previousJournalHead } = decodeUpload(fromHex(upload));
    const hash = toHex(digestOf(fromHex(upload)));
    const twin = this.bySeq.get(uploadSeq);
    if (twin !== undefined && twin !== hash) this.breaks.push(`${uploadSeq} twice`);
    this.bySeq.set(uploadSeq, hash);
    this.links.add(hash);
    if (uploadSeq > 1 && !this.links.has(toHex(previousJournalHead))) this.breaks.push(`gap before ${uploadSeq}`);
  }
}

/** The id of the voucher in an entry of kind 1. */
export function idOfEntry(entry: Uint8Array): string {
  const { cardKey, message } = decodeVoucherBundle(entry);
  return toHex(voucherId(addressOfKey(cardKey), message));
}

function refuse(code: string, details: ConstructorParameters<typeof SettlementError>[2]): Promise<never> {
  const away = details?.against === undefined;
  return Promise.reject(new SettlementError(away ? "SETTLEMENT_UNREACHABLE" : "SETTLEMENT_REFUSED", code, details));
}
