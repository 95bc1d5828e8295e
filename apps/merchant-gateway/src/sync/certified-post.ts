import { fromHex, joinCertifiedBytes } from "@tallystick/protocol";
import type { LineBody } from "./line/http-line.ts";

/** The JSON form of what a certified terminal sends: bytes in hexadecimal, and what else goes along. */
export interface CertifiedForm {
  readonly signature: string;
  readonly certificate: string;
  readonly certificateSignature: string;
  readonly body: string;
}

/** Makes one call with a body; throws an error with the status of a refusal. */
export type CallWith = (path: string, body: LineBody) => Promise<unknown>;

/**
 * Sends what a certified terminal signed: as one octet stream, which is half as long, or as JSON
 * where something else goes along, and from the first 415 on (spec §6.7).
 */
export class CertifiedPost {
  private readonly call: CallWith;
  private octetStream = true;

  constructor(call: CallWith) {
    this.call = call;
  }

  /** `object` names the member that is the signed object. Throws what the call throws. */
  async send<Name extends string>(
    path: string,
    object: Name,
    form: CertifiedForm & { readonly [key in Name]: string },
    along: object = {},
  ): Promise<unknown> {
    if (this.octetStream && Object.keys(along).length === 0) {
      try {
        return await this.call(path, octetStreamOf(form[object], form));
      } catch (error) {
        if ((error as { readonly status?: unknown }).status !== 415) throw error;
        this.octetStream = false;
      }
    }
    const { signature, certificate, certificateSignature, body } = form;
    const json = { [object]: form[object], signature, certificate, certificateSignature, body, ...along };
    return await this.call(path, { mediaType: "application/json", bytes: Buffer.from(JSON.stringify(json)) });
  }
}

function octetStreamOf(object: string, form: CertifiedForm): LineBody {
  const bytes = joinCertifiedBytes({
    object: fromHex(object),
    signature: fromHex(form.signature),
    certificate: fromHex(form.certificate),
    certificateSignature: fromHex(form.certificateSignature),
    body: fromHex(form.body),
  });
  return { mediaType: "application/octet-stream", bytes };
}
