import { ConfigError, faultAt, ProgramError, type Timer } from "@tallystick/program";
import { decodeMerchantCertificate, digestOf, equalBytes, type Signer, uncompressKey } from "@tallystick/protocol";
import type { CertificateRequestAnswer } from "@tallystick/protocol/wire";
import { AdmissionError, pinnedBeside, readAdmission } from "../config/admission.ts";
import { keptOf, writeCertificate } from "../config/certificate-file.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import { Policies, type DomainPolicy } from "../config/policies.ts";
import { SettlementError } from "../sync/settlement-client.ts";
import { LOOK_AGAIN_MS } from "./limits.ts";
import type { JoinPort } from "./join-port.ts";
import { forgetPending, pendingFileOf, pendingRequest, type PendingRequest } from "./pending-request.ts";

export interface JoinCommand {
  readonly signer: Signer;
  /** Seconds. */
  readonly now: () => number;
  /** The settlement that is asked, without a slash at its end. */
  readonly url: string;
  readonly port: JoinPort;
  /** The file that is written; null for the configuration's certificateFile. */
  readonly to: string | null;
  readonly waitMs: number;
  readonly timer: Timer;
}

/** What a run tells while it goes on. */
export interface JoinReport {
  /** The request is at settlement: people compare its digits now. */
  readonly sent: (request: PendingRequest, served: ServedDomain) => void;
  /** The answer is in its file. */
  readonly taken: (admitted: DomainPolicy, file: string) => void;
}

/**
 * Sends the request, waits for the issuer's decision, and takes what comes back; the same command again goes on
 * where one was stopped (spec §6.15). Throws ConfigError, AdmissionError, ProgramError.
 */
export async function runJoin(config: GatewayConfig, command: JoinCommand, report: JoinReport): Promise<void> {
  const served = askedDomain(config, command.url);
  const file = command.to ?? served.certificateFile;
  if (file === null) throw new ConfigError([faultAt("--to", "name the file, or certificateFile in the configuration")]);
  const { payee, terminalId, category } = config;
  const terminalKey = uncompressKey(command.signer.publicKey);
  const wanted = { domain: served.domain, payee, terminalId, terminalKey, category };
  const pendingFile = pendingFileOf(file);
  const at = { signer: command.signer, now: command.now() };
  const request = await written(pendingFile, () => pendingRequest(pendingFile, wanted, at));
  const first = await asked(command.port, request);
  report.sent(request, served);
  const answer = await decided(first, request, command);
  if (answer.state === "refused") {
    forgetPending(pendingFile);
    const next = "Ask the issuer; the same command again makes a new request.";
    const why = answer.reason ?? "no reason was given";
    throw new ProgramError("CERTIFICATE_REFUSED", `The issuer refused the request: ${why}`, { exit: "usage", next });
  }
  const admitted = take(answer, request, { config, served, terminalKey: command.signer.publicKey });
  const { held, policy } = admitted;
  await written(file, () => {
    writeCertificate(file, held.certificate, keptOf(held, command.url));
  });
  forgetPending(pendingFile);
  report.taken(policy, file);
}

/** The currency whose settlement this is. Throws ConfigError where several may be meant. */
function askedDomain({ domains }: GatewayConfig, url: string): ServedDomain {
  const named = domains.filter(({ settlementUrl }) => settlementUrl === url);
  const open = named.length > 0 ? named : domains.filter(({ settlementUrl }) => settlementUrl === null);
  const [only, ...others] = open.length === 0 && domains.length === 1 ? domains : open;
  if (only !== undefined && others.length === 0) return only;
  const message = "several currencies may be meant, or none: give each its own settlementUrl";
  throw new ConfigError([faultAt("domains", message)]);
}

async function asked(port: JoinPort, { request, signature, id }: PendingRequest): Promise<CertificateRequestAnswer> {
  try {
    const answer = await port.ask({ request, signature });
    if (answer.id === id) return answer;
    throw new SettlementError("SETTLEMENT_ANSWER_UNREADABLE", "Settlement answered about another request.");
  } catch (error) {
    throw commandErrorOf(error);
  }
}

/** Looks again and again until a person has decided. A look that does not come through is made again. */
async function decided(
  first: CertificateRequestAnswer,
  request: PendingRequest,
  { port, waitMs, timer }: JoinCommand,
): Promise<CertificateRequestAnswer> {
  let answer = first;
  let fault: unknown = null;
  for (let waited = 0; !isDecided(answer); waited += LOOK_AGAIN_MS) {
    if (waited >= waitMs) throw fault === null ? stillWaiting() : commandErrorOf(fault);
    await new Promise<void>((resolve) => timer.after(LOOK_AGAIN_MS, resolve));
    try {
      answer = await port.look(request.id);
      fault = null;
    } catch (error) {
      if (!(error instanceof SettlementError)) throw error;
      fault = error;
      // Its database was restored, or a flood was cleared away: the same request is the same entry.
      if (error.refusal === "CERTIFICATE_REQUEST_UNKNOWN") answer = await asked(port, request);
      else if (error.code !== "SETTLEMENT_UNREACHABLE") throw commandErrorOf(error);
    }
  }
  return answer;
}

function isDecided({ state, admission }: CertificateRequestAnswer): boolean {
  return state === "refused" || (state === "approved" && admission !== null);
}

function stillWaiting(): ProgramError {
  return new ProgramError("CERTIFICATE_NOT_DECIDED", "Nobody has decided about the request yet.", {
    ...{
      exit: "interrupted",
      next: "Run the same command again: it goes on with the same request and the same digits.",
    },
  });
}

/** By the pinned issuer keys alone, for this request, terminal and no older than what is held (spec §3.13). */
function take(
  { admission }: CertificateRequestAnswer,
  { bytes }: PendingRequest,
  {
    config,
    served,
    terminalKey,
  }: { readonly config: GatewayConfig; readonly served: ServedDomain; readonly terminalKey: Uint8Array },
) {
  const held = readAdmission(admission, served);
  const { head, certificate } = held;
  if (!equalBytes(head.requestHash, digestOf(bytes)))
    throw new AdmissionError(
      "ADMISSION_OTHER_REQUEST",
      "The admission is of another request than the one that was sent.",
    );
  if (!equalBytes(head.certificateHash, digestOf(certificate.certificate)))
    throw new AdmissionError("ADMISSION_OTHER_TERMINAL", "The certificate is not the one that the issuer admitted.");
  if (served.admission !== undefined && head.issuedAt < served.admission.issuedAt)
    throw new AdmissionError("ADMISSION_OLDER", "The terminal holds an admission that was issued later.");
  const admitted: ServedDomain = {
    ...served,
    certificate,
    issuerKeys: pinnedBeside(served.issuerKeys, held.issuerKeys),
  };
  const domains = config.domains.map((each) => (each === served ? admitted : { ...each, certificate: null }));
  try {
    const policy = Policies.of({ ...config, domains }, terminalKey).of(served.domainBytes);
    if (policy === null) throw new Error("the terminal serves this domain");
    const { notAfter } = decodeMerchantCertificate(certificate.certificate);
    const before = served.certificate === null ? null : decodeMerchantCertificate(served.certificate.certificate);
    if (before !== null && notAfter < before.notAfter)
      throw new AdmissionError("ADMISSION_OLDER", "The terminal holds a certificate that ends later.");
    return { held, policy };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const why = error.faults.map(({ message }) => message).join("; ");
    throw new AdmissionError("ADMISSION_OTHER_TERMINAL", `The certificate does not fit this terminal: ${why}.`);
  }
}

/** How the command ends where settlement did not do its part. */
function commandErrorOf(error: unknown): unknown {
  if (!(error instanceof SettlementError)) return error;
  const next =
    error.code === "SETTLEMENT_REFUSED"
      ? "Correct what is named; or write the request to a file with --to, without --send, and give that to the issuer."
      : "Run the same command again; it goes on with the same request.";
  return new ProgramError(error.reason, error.message, { exit: "network", next });
}

async function written<T>(file: string, write: () => T | Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === undefined || error instanceof ProgramError) throw error;
    const next = "Name a file in a folder that can be written; nothing else is lost.";
    throw new ProgramError("REQUEST_FILE_UNWRITABLE", `${file} cannot be written (${code}).`, { exit: "usage", next });
  }
}
