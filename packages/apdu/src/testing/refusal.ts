import { expect } from "@jest/globals";
import type { ApduErrorCode, ApduErrorContext } from "../iso7816/apdu-error.ts";

/** Matches an APDU error of this code with a message and exactly these details. For tests. */
export function refusal(code: ApduErrorCode, context: ApduErrorContext = {}): Error {
  return expect.objectContaining({
    code,
    message: expect.stringMatching(/^\S[^]*\.$/) as unknown as string,
    context,
  }) as unknown as Error;
}
