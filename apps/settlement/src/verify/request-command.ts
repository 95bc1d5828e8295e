import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { ProgramError } from "@tallystick/program";
import {
  CERTIFICATE_REQUEST_LENGTH,
  CERTIFICATE_REQUEST_SECONDS,
  certificateRequestDigits,
  CLOCK_SKEW_SECONDS,
  compressKey,
  decodeCertificateRequest,
  digestOf,
  fromHex,
  isProtocolError,
  SIGNATURE_LENGTH,
  toChecksumAddress,
  toHex,
  verifyDigest,
} from "@tallystick/protocol";
import { MAX_CERTIFICATE_REQUESTS, MAX_REQUEST_FILE_BYTES } from "./limits.ts";

export const requestHelp = `Usage: tallystick-settlement certificate-request --file FILE [options]

Looks at what a terminal asks its issuer to certify (tallystick-gateway enroll), without a network
and without the service: whether the key that it names has signed it, and when. It prints a line for
each request; what POST /v1/merchants needs of it stands in the line. Compare all 20 digits with
those on the terminal's own screen, and read the payee back, before anything is certified.

  --file FILE       the terminal's file
  --digits DIGITS   what the terminal's screen shows; blanks do not count
  --json            one JSON object a request instead of sentences
`;

/** Why a request must not be certified. */
export type RequestFault = "REQUEST_MALFORMED" | "REQUEST_SIGNATURE_WRONG" | "REQUEST_OUT_OF_TIME" | "DIGITS_DIFFER";

/** What the command writes, and whether every request may be certified. */
export interface RequestResult {
  readonly lines: readonly string[];
  readonly accepted: boolean;
}

/** A request as it was read, with what stands against it; null where nothing does. */
interface Judged {
  readonly fault: RequestFault | null;
  readonly digits: string | null;
  readonly chainId: string | null;
  readonly vault: string | null;
  /** With its checksum (EIP-55), to be read back. */
  readonly payee: string | null;
  /** What `POST /v1/merchants` needs of it, beside times and limits. */
  readonly merchant: {
    readonly payee: string;
    readonly category: number;
    readonly terminalId: string;
    readonly terminalKey: string;
  } | null;
  readonly time: number | null;
}

/** Runs the command with the arguments behind its name. `now` in milliseconds. Throws ProgramError. */
export function requestCommand(args: readonly string[], now: () => number): RequestResult {
  const { values } = parseArgs({
    args: [...args],
    options: {
      file: { type: "string" },
      digits: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if (values.file === undefined) throw usage("The request is missing.", "Name its file with --file FILE.");
  const given = values.digits?.replaceAll(/\s/g, "").toLowerCase() ?? null;
  const judged = requestsOf(values.file).map((each) => judge(each, Math.floor(now() / 1_000)));
  // Of the currencies of one terminal, each has digits of its own.
  const known = judged.some(({ digits }) => digits === given) || given === null;
  const shown = judged.map((each): Judged =>
    known || each.fault !== null ? each : { ...each, fault: "DIGITS_DIFFER" },
  );
  return {
    lines: shown.map((each) =>
      values.json ? JSON.stringify({ schema: "tallystick.request-verdict/1", ...each }) : textOf(each),
    ),
    accepted: shown.length > 0 && shown.every(({ fault }) => fault === null),
  };
}

function judge(
  { request, signature }: { readonly request: unknown; readonly signature: unknown },
  now: number,
): Judged {
  const nothing = { digits: null, chainId: null, vault: null, payee: null, merchant: null, time: null };
  try {
    const bytes = fromHex(request, CERTIFICATE_REQUEST_LENGTH);
    const { domain, payee, category, terminalId, terminalKey, time } = decodeCertificateRequest(bytes);
    const isSigned = verifyDigest(fromHex(signature, SIGNATURE_LENGTH), digestOf(bytes), compressKey(terminalKey));
    const isInTime = time <= now + CLOCK_SKEW_SECONDS && now - time <= CERTIFICATE_REQUEST_SECONDS + CLOCK_SKEW_SECONDS;
    return {
      fault: !isSigned ? "REQUEST_SIGNATURE_WRONG" : isInTime ? null : "REQUEST_OUT_OF_TIME",
      ...{ digits: certificateRequestDigits(bytes), chainId: String(domain.chainId), vault: toHex(domain.vault), time },
      payee: toChecksumAddress(payee),
      merchant: {
        ...{ payee: toHex(payee), category },
        ...{ terminalId: toHex(terminalId), terminalKey: toHex(terminalKey) },
      },
    };
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    return { ...nothing, fault: "REQUEST_MALFORMED" };
  }
}

/** The requests of a terminal's file, one of each currency. */
function requestsOf(file: string): readonly { readonly request: unknown; readonly signature: unknown }[] {
  try {
    if (statSync(file).size > MAX_REQUEST_FILE_BYTES) throw new RangeError("it is too long");
    const { requests } = JSON.parse(readFileSync(file, "utf8")) as { readonly requests?: unknown };
    if (!Array.isArray(requests) || requests.length === 0 || requests.length > MAX_CERTIFICATE_REQUESTS)
      throw new RangeError(`it holds no list of 1 to ${MAX_CERTIFICATE_REQUESTS} requests`);
    return requests.map((each) => {
      const { request, signature } = (each ?? {}) as { readonly request?: unknown; readonly signature?: unknown };
      return { request, signature };
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw usage(`${file} cannot be read: ${why}.`, "Take the file that tallystick-gateway enroll has written.");
  }
}

function textOf({ fault, digits, chainId, vault, payee, merchant, time }: Judged): string {
  if (merchant === null || digits === null || time === null) return `Refused: ${fault ?? ""}.`;
  const verdict = fault === null ? "Signed by its key and in time" : `Refused: ${fault}`;
  return [
    `${verdict}. Terminal ${merchant.terminalId} of payee ${payee ?? ""}, category ${merchant.category},`,
    `for vault ${vault ?? ""} on chain ${chainId ?? ""}, asked at ${new Date(time * 1_000).toISOString()}.`,
    `Digits: ${digits.replace(/(.{4})(?=.)/g, "$1 ")}`,
    `Key: ${merchant.terminalKey}`,
  ].join("\n");
}

function usage(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
