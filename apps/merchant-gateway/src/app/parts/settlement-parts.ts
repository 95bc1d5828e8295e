import { randomBytes } from "node:crypto";
import { Logger } from "@nestjs/common";
import type { Signer } from "@tallystick/protocol";
import type { TerminalClock } from "../../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain } from "../../config/gateway-config.ts";
import type { Policies } from "../../config/policies.ts";
import { writeCertificate } from "../../config/certificate-file.ts";
import type { Journal } from "../../journal/journal.ts";
import { Exchange, type ExchangeParts } from "../../sync/exchange.ts";
import { keepingWithdrawals } from "../../sync/requests/certificate-withdrawal.ts";
import { CertificateRenewal } from "../../sync/requests/certificate-renewal.ts";
import { MailboxCarrier } from "../../sync/requests/mailbox-carrier.ts";
import { PayeeCheck } from "../../sync/requests/payee-check.ts";
import { type RequestPort, TerminalRequests } from "../../sync/requests/terminal-requests.ts";
import { createSettlementClient, type SettlementClient } from "../../sync/settlement-client.ts";
import type { UploadReceipts } from "../../sync/upload-receipts.ts";
import { Uploader } from "../../sync/uploader.ts";

interface SettlementPartsSetup {
  readonly config: GatewayConfig;
  readonly signer: Signer;
  /** The way to settlement for signed requests; HTTP when left out. */
  readonly requestPortOf?: (served: ServedDomain) => RequestPort | null;
}

interface Made {
  readonly journal: Journal;
  readonly clock: TerminalClock;
  readonly policies: Policies;
}

/** What a terminal asks settlement with its own key. */
interface AskingParts {
  readonly requests: TerminalRequests;
  readonly mailbox: MailboxCarrier;
  readonly renewals: CertificateRenewal;
  readonly payeeCheck: PayeeCheck;
}

/** Puts together what asks settlement; nothing is asked yet. */
export function askingPartsOf(
  { config, signer, requestPortOf }: SettlementPartsSetup,
  { journal, clock, policies }: Made,
): AskingParts {
  const log = new Logger("Certificate");
  const report = (message: string): void => {
    log.warn(message);
  };
  const requests = new TerminalRequests({
    ...{ config, signer, clock, portOf: requestPortOf ?? clientOf },
    onWithdrawn: keepingWithdrawals({ journal, clock, report }),
    certificateOf: ({ domainBytes }) => policies.of(domainBytes)?.served.certificate ?? null,
    randomBytes: (length) => Uint8Array.from(randomBytes(length)),
  });
  const renewals = new CertificateRenewal({
    ...{ journal, clock, policies, requests, writeFile: writeCertificate, report },
  });
  const payeeCheck = new PayeeCheck({ clock, requests });
  return { requests, mailbox: new MailboxCarrier({ journal, requests }), renewals, payeeCheck };
}

/** The exchange with settlement, which all of them take part in. */
export function exchangeOf(
  { config, signer }: SettlementPartsSetup,
  made: Made & AskingParts & Pick<ExchangeParts, "lists"> & { readonly receipts: UploadReceipts },
): Exchange {
  const { journal, receipts, requests } = made;
  return new Exchange({
    ...made,
    config,
    uploader: new Uploader({ journal, config, signer, receipts }),
    settlementOf: (served) => {
      const client = clientOf(served);
      return client === null ? null : { ...client, vouchers: (ids) => requests.followed(served, ids) };
    },
  });
}

function clientOf({ settlementUrl }: ServedDomain): SettlementClient | null {
  return settlementUrl === null ? null : createSettlementClient(settlementUrl);
}
