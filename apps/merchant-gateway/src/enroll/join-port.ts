import {
  type CertificateRequestAnswer,
  certificateRequestAnswerSchema,
  type CertificateRequestBody,
} from "@tallystick/protocol/wire";
import { createLine, type LineOptions, type LineRequest } from "../sync/line/http-line.ts";
import { LineError } from "../sync/line/line-fault.ts";
import { readAnswer, readAs, SettlementError } from "../sync/settlement-client.ts";

/** Where a terminal asks for its first certificate (spec §6.15); both reject with SettlementError. */
export interface JoinPort {
  ask(body: CertificateRequestBody): Promise<CertificateRequestAnswer>;
  look(id: string): Promise<CertificateRequestAnswer>;
}

/** Asks over HTTP; follows no redirect, and takes nothing but settlement's own JSON. */
export function createJoinPort(url: string, options: LineOptions = {}): JoinPort {
  const line = createLine(url, options);
  const call = async (request: LineRequest, id: string | null): Promise<CertificateRequestAnswer> => {
    const answer = readAs(certificateRequestAnswerSchema, await answered(line(request)));
    if (id === null || answer.id === id) return answer;
    throw new SettlementError("SETTLEMENT_ANSWER_UNREADABLE", "Settlement answered about another request.");
  };
  return {
    ask: (body) => {
      const bytes = new TextEncoder().encode(JSON.stringify(body));
      return call({ path: "/v1/certificate-requests", body: { mediaType: "application/json", bytes } }, null);
    },
    look: (id) => call({ path: `/v1/certificate-requests/${id}` }, id),
  };
}

async function answered(line: ReturnType<ReturnType<typeof createLine>>): Promise<unknown> {
  try {
    return readAnswer(await line);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    throw new SettlementError("SETTLEMENT_UNREACHABLE", error.message, { line: error.code });
  }
}
