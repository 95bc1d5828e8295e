// Domains and addresses
export { type Address, isAddress, parseAddress, toAddress, toChecksumAddress } from "./parties/address.ts";
export { decodeDomain, type Domain, DOMAIN_LENGTH, encodeDomain, sameDomain } from "./parties/domain.ts";
export { addressOfKey, cardTag, compressKey, parsePublicKey, uncompressKey } from "./parties/public-key.ts";

// Vouchers
export {
  decodeVoucherMessage,
  encodeVoucherMessage,
  VOUCHER_MESSAGE_LENGTH,
  type VoucherMessage,
} from "./objects/voucher/voucher-message.ts";
export {
  contextHash,
  type Cvm,
  decodeVoucherContext,
  encodeVoucherContext,
  VOUCHER_CONTEXT_LENGTH,
  type VoucherContext,
} from "./objects/voucher/voucher-context.ts";
export { messageHash, voucherId, type VoucherParts } from "./objects/voucher/voucher.ts";
export { rebuildVoucher } from "./card/rebuild-voucher.ts";
export {
  decodeVoucherBundle,
  encodeVoucherBundle,
  VOUCHER_BUNDLE_LENGTH,
  type VoucherBundle,
} from "./objects/voucher/voucher-bundle.ts";

// The terminal's decision and an integrator's verification
export {
  type CachedState,
  decideTap,
  type TapApproval,
  type TapDecision,
  type TapPolicy,
} from "./terminal/decide-tap.ts";
export { type CheckedVoucher, checkVoucher, type PaidTap, type PaidVerdict } from "./terminal/check-voucher.ts";
export {
  type Arrival,
  type CertifiedLimits,
  type CertifiedTerminal,
  judgeVoucher,
  judgeVoucherBytes,
  type VoucherGrounds,
} from "./terminal/judge-voucher.ts";
export {
  type AuthenticVoucher,
  type ExcessCode,
  excessCodes,
  type VoucherVerdict,
  type WorthlessCode,
  worthlessCodes,
} from "./terminal/voucher-verdict.ts";
export {
  type AllowanceFault,
  createSignatureChecks,
  protocolEngine,
  type SignatureChecks,
  type SignatureEngine,
  type SignedAllowance,
} from "./terminal/signature-checks.ts";
export { decideUpdate, type UpdateDecision } from "./terminal/decide-update.ts";
export { type AllowanceVerdict, verifyAllowance } from "./terminal/verify-allowance.ts";
export { findIssuerKey, type IssuerKey, type VerifyDigest } from "./parties/issuer-key.ts";
export { type CappedPayment, excessesOf, excessOf, needsPin, type NoPinUse } from "./terminal/caps.ts";
export { type CardObservation, pairFault, selfFault } from "./terminal/card-observation.ts";
export {
  defaultFreshness,
  type Freshness,
  freshnessHolds,
  listIsFresh,
  withinUploadWindow,
} from "./terminal/freshness.ts";
export {
  type CardRefusalCode,
  cashierSentence,
  isReasonCode,
  type ReasonCode,
  reasonCodes,
  reasonOfStatusWord,
  refusalByStatusWord,
} from "./terminal/reasons.ts";

// What payees sign with keys of their own
export { confirmationText, disowningText, PAYEE_SIGNATURE_LENGTH, statementSigner } from "./parties/payee-statement.ts";

// Status lists and beacons
export {
  type CardStatus,
  cardStatuses,
  checkStatusList,
  decodeStatusList,
  encodeStatusList,
  statusAt,
  statusListHash,
  statusListLength,
  withStatus,
} from "./status/status-list.ts";
export {
  applyStatusListDelta,
  type CountedList,
  packStatusList,
  packStatusListDelta,
  unpackStatusList,
} from "./status/status-list-transport.ts";
export {
  applyBeacon,
  type Beacon,
  BEACON_LENGTH,
  type BeaconVerdict,
  decodeBeacon,
  encodeBeacon,
  type HeldStatusList,
  type StatusListFault,
  type StatusListVerdict,
  verifyStatusList,
} from "./status/beacon.ts";

// What the issuer signs
export {
  type Allowance,
  ALLOWANCE_BODY_LENGTH,
  ALLOWANCE_LENGTH,
  type AllowanceBody,
  type AssuranceClass,
  assuranceClass,
  categoryAllowed,
  certificateRequired,
  decodeAllowance,
  decodeAllowanceBody,
  encodeAllowance,
  encodeAllowanceBody,
  renewsNoPinSums,
} from "./objects/allowance.ts";
export {
  decodeMerchantCertificate,
  encodeMerchantCertificate,
  MERCHANT_CERTIFICATE_LENGTH,
  type MerchantCertificate,
} from "./objects/merchant-certificate.ts";
export { type Admission, ADMISSION_LENGTH, decodeAdmission } from "./objects/request/admission.ts";
export { encodeAdmission } from "./objects/request/admission.ts";
export { decodeReceipt, encodeReceipt, type Receipt, RECEIPT_LENGTH } from "./objects/upload/receipt.ts";
export {
  decodeStatusListHead,
  encodeStatusListHead,
  STATUS_LIST_HEAD_LENGTH,
  type StatusListHead,
} from "./objects/status-list-head.ts";

// What a card signs besides vouchers
export { decodeStateProof, encodeStateProof, STATE_PROOF_LENGTH, type StateProof } from "./objects/state-proof.ts";
export { decodeOpening, encodeOpening, type Opening, OPENING_LENGTH } from "./objects/opening.ts";
export { decodePinSession, encodePinSession, PIN_SESSION_LENGTH, type PinSession } from "./objects/pin-session.ts";

// What a terminal signs
export { type CertifiedBytes, joinCertifiedBytes, splitCertifiedBytes } from "./objects/certified-bytes.ts";
export { decodeUpload, encodeUpload, journalHead, type Upload, UPLOAD_LENGTH } from "./objects/upload/upload.ts";
export { decodePayeeRequest, encodePayeeRequest, type PayeeAsk, payeeAsks } from "./objects/request/payee-requests.ts";
export { decodeVoucherListRequest, VOUCHER_LIST_REQUEST_LENGTH } from "./objects/request/payee-requests.ts";
export { CERTIFICATE_REQUEST_LENGTH, certificateRequestDigits } from "./objects/request/certificate-request.ts";
export { type CertificateRequest, decodeCertificateRequest } from "./objects/request/certificate-request.ts";
export { encodeCertificateRequest } from "./objects/request/certificate-request.ts";
export { decodeRenewalRequest, encodeRenewalRequest, type RenewalRequest } from "./objects/request/renewal-request.ts";
export { decodeOrderReport, encodeOrderReport, ORDER_REPORT_LENGTH, type OrderReport } from "./objects/order-report.ts";
export { decodeLogReading, encodeLogReading, LOG_READING_LENGTH, type LogReading } from "./objects/log-reading.ts";
export {
  decodeTerminalRequest,
  encodeTerminalRequest,
  TERMINAL_REQUEST_LENGTH,
  type TerminalRequest,
  type TerminalRequestKind,
  terminalRequestKinds,
} from "./objects/terminal-request.ts";
export {
  challengeEntry,
  decodeUploadBody,
  decodeUploadEntry,
  encodeUploadBody,
  MAX_UPLOAD_BODY_LENGTH,
  reversalEntry,
  setAsideEntry,
  type SetAsideUpload,
  type SignedReversal,
  type SignedStateProof,
  stateProofEntry,
  type UploadBody,
  uploadBodyLength,
  type UploadChallenge,
  type UploadEntry,
  type UploadEntryContent,
  type UploadEntryKind,
  uploadEntryKinds,
  voucherEntry,
} from "./objects/upload/upload-body.ts";
export { decodeReversal, encodeReversal, type Reversal, REVERSAL_LENGTH } from "./objects/reversal.ts";
export { decodeRefundOrder, encodeRefundOrder, REFUND_ORDER_LENGTH, type RefundOrder } from "./objects/refund-order.ts";
export {
  decodeVoucherStatesRequest,
  encodeVoucherStatesRequest,
  MAX_STATES_REQUEST_LENGTH,
} from "./objects/request/voucher-states-request.ts";
export { decodeMailboxRequest, encodeMailboxRequest, mailboxAsks } from "./objects/request/mailbox-request.ts";
export type { MailboxCardAsk, MailboxPageAsk, MailboxRequest } from "./objects/request/mailbox-request.ts";
export { decodeMailboxEntry, decodeMailboxPage, MAILBOX_ENTRY_LENGTH } from "./objects/request/mailbox-page.ts";
export { encodeMailboxEntry, encodeMailboxPage, MAX_MAILBOX_PAGE_LENGTH } from "./objects/request/mailbox-page.ts";
export type { MailboxEntry, MailboxPage } from "./objects/request/mailbox-page.ts";
export {
  decodeReturnOrder,
  encodeReturnOrder,
  ORDERED_REFUND_LENGTH,
  ORDERED_RELEASE_LENGTH,
  type OrderedRefund,
  type OrderedRelease,
  type ReturnOrder,
  returnOrderKinds,
} from "./objects/request/return-order.ts";

// What passes between terminal and card
export {
  decodeSelectAnswer,
  encodeSelectAnswer,
  SELECT_ANSWER_LENGTH,
  type SelectAnswer,
} from "./card/select-answer.ts";
export { decodeBlankSelectAnswer, encodeBlankSelectAnswer, isBlankSelectAnswer } from "./card/select-answer.ts";
export { BLANK_SELECT_ANSWER_LENGTH, type BlankSelectAnswer } from "./card/select-answer.ts";
export { instanceAid, PACKAGE_AID, PROTOCOL_VERSION } from "./card/select-answer.ts";
export { decodeShortSelectAnswer, encodeShortSelectAnswer, isShortSelectAnswer } from "./card/short-select-answer.ts";
export { type KnownCardParts, rebuildSelectAnswer, shortSelectAnswer } from "./card/short-select-answer.ts";
export { type ShortSelectAnswer } from "./card/short-select-answer.ts";
export { decodePayRequest, encodePayRequest, PAY_REQUEST_LENGTH, type PayRequest } from "./objects/pay-request.ts";
export { decodePayAnswer, encodePayAnswer, MAX_PAY_ANSWER_LENGTH, type PayAnswer } from "./card/pay-answer.ts";
export { decodeShortPayAnswer, encodeShortPayAnswer, rebuildPayAnswer } from "./card/short-pay-answer.ts";
export { type ShortPayAnswer } from "./card/short-pay-answer.ts";
export { CARD_RECORD_LENGTH, type CardRecord, decodeCardRecord, encodeCardRecord } from "./card/card-record.ts";
export { type CardState, cardStateBytes, cardStateName, cardStates } from "./objects/card-state.ts";

// PINs on their way to a card
export { checkPuk, decodePinBlock, encodePinBlock } from "./pin/pin-block.ts";
export { closePinKeys, derivePinKeys, openPinSession, verifyPinSession } from "./pin/pin-keys.ts";
export { type PinAgreement, type PinKeys } from "./pin/pin-keys.ts";
export {
  CHANGE_PIN_LENGTH,
  type OpenedPinCommand,
  openPinCommand,
  type OpenPinSession,
  payRequestHash,
  pinInstructions,
  sealChangePin,
  sealUnblock,
  sealVerifyPin,
  terminalKeyOf,
  VERIFY_PIN_LENGTH,
} from "./pin/pin-command.ts";

// Signing and verifying
export { createSigner, digestOf, type Signer } from "./parties/signing.ts";
export {
  createPinnedVerifier,
  normalizeCardSignature,
  type NormalizedSignature,
  signatureParity,
  verifyDigest,
} from "./parties/verifying.ts";
export {
  decodeSignature,
  encodeDerSignature,
  encodeSignature,
  GROUP_ORDER,
  parseCardSignature,
  SIGNATURE_LENGTH,
  type SignatureParts,
  withParity,
} from "./bytes/signature-form.ts";

// Bytes and text
export { concatBytes, copyBytes, equalBytes, isBytes, isZero } from "./bytes/bytes.ts";
export { fromHex, toHex } from "./bytes/hex.ts";

// Bounds and errors
export { MAX_U32, MAX_U64, MAX_UNITS } from "./bytes/limits.ts";
export { MAX_ALLOWANCE_FLAGS, MAX_CATEGORY, NEW_NO_PIN_SUMS, NO_COUNT_LIMIT, RING_SIZE } from "./bytes/limits.ts";
export { DEFAULT_COUNTER_LEAD, MAX_COUNTER_LEAD } from "./bytes/limits.ts";
export { CERTIFICATE_RENEWAL_SECONDS, CERTIFICATE_REQUEST_SECONDS, CLOCK_SKEW_SECONDS } from "./bytes/limits.ts";
export { MAX_DER_SIGNATURE_LENGTH, MIN_DER_SIGNATURE_LENGTH } from "./bytes/limits.ts";
export { MAILBOX_CURSOR_LENGTH, MAX_MAILBOX_ENTRIES, MAX_REQUESTED_STATES } from "./bytes/limits.ts";
export { MAX_PACKED_BODY_LENGTH, MAX_UPLOAD_CHALLENGES, MAX_UPLOAD_ENTRIES } from "./bytes/limits.ts";
export { DEFAULT_UPLOAD_WINDOW_SECONDS, MAX_HEX_TEXT_LENGTH, MAX_STATUS_LIST_CARDS } from "./bytes/limits.ts";
export { PIN_BLOCK_LENGTH, PIN_MAX_DIGITS, PIN_MIN_DIGITS, PUK_DIGITS } from "./bytes/limits.ts";
export {
  isProtocolError,
  ProtocolError,
  type ProtocolErrorCode,
  protocolErrorCodes,
  type ProtocolErrorContexts,
} from "./bytes/errors.ts";
