// Domains and addresses
export { type Address, isAddress, parseAddress, toAddress, toChecksumAddress } from "./address.ts";
export { decodeDomain, type Domain, DOMAIN_LENGTH, encodeDomain } from "./domain.ts";
export { addressOfKey, cardTag, compressKey, parsePublicKey, uncompressKey } from "./public-key.ts";

// Vouchers
export {
  decodeVoucherMessage,
  encodeVoucherMessage,
  VOUCHER_MESSAGE_LENGTH,
  type VoucherMessage,
} from "./voucher-message.ts";
export {
  contextHash,
  type Cvm,
  decodeVoucherContext,
  encodeVoucherContext,
  VOUCHER_CONTEXT_LENGTH,
  type VoucherContext,
} from "./voucher-context.ts";
export { messageHash, rebuildVoucher, voucherId, type VoucherParts } from "./voucher.ts";
export {
  decodeVoucherBundle,
  encodeVoucherBundle,
  VOUCHER_BUNDLE_LENGTH,
  type VoucherBundle,
} from "./voucher-bundle.ts";

// The terminal's decision and an integrator's verification
export { type CachedState, decideTap, type TapApproval, type TapDecision, type TapPolicy } from "./decide-tap.ts";
export { type CheckedVoucher, checkVoucher, type PaidTap, type PaidVerdict } from "./check-voucher.ts";
export { type AuthenticVoucher, verifyVoucher, type VoucherVerdict } from "./verify-voucher.ts";
export {
  type AllowanceFault,
  type AllowanceVerdict,
  findIssuerKey,
  type IssuerKey,
  sameDomain,
  type SignedAllowance,
  verifyAllowance,
  type VerifyDigest,
} from "./issuer-key.ts";
export { type CappedPayment, excessOf, needsPin, type NoPinUse } from "./caps.ts";
export { pairFault, selfFault, type Sighting } from "./sighting.ts";
export { defaultFreshness, type Freshness, freshnessHolds, listIsFresh, withinUploadWindow } from "./freshness.ts";
export {
  type CardRefusalCode,
  cashierSentence,
  isReasonCode,
  type ReasonCode,
  reasonCodes,
  reasonOfStatusWord,
  refusalByStatusWord,
} from "./reasons.ts";

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
} from "./status-list.ts";
export {
  applyStatusListDelta,
  type CountedList,
  packStatusList,
  packStatusListDelta,
  unpackStatusList,
} from "./status-list-transport.ts";
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
} from "./beacon.ts";

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
} from "./allowance.ts";
export {
  decodeMerchantCertificate,
  encodeMerchantCertificate,
  MERCHANT_CERTIFICATE_LENGTH,
  type MerchantCertificate,
} from "./merchant-certificate.ts";
export {
  decodeStatusListHead,
  encodeStatusListHead,
  STATUS_LIST_HEAD_LENGTH,
  type StatusListHead,
} from "./status-list-head.ts";

// What a card signs besides vouchers
export { decodeStateProof, encodeStateProof, STATE_PROOF_LENGTH, type StateProof } from "./state-proof.ts";
export { decodeOpening, encodeOpening, type Opening, OPENING_LENGTH } from "./opening.ts";
export { decodePinSession, encodePinSession, PIN_SESSION_LENGTH, type PinSession } from "./pin-session.ts";

// What a terminal signs
export { decodeUpload, encodeUpload, journalHead, type Upload, UPLOAD_LENGTH } from "./upload.ts";
export {
  cancellationEntry,
  decodeUploadBody,
  decodeUploadEntry,
  encodeUploadBody,
  type SignedCancellation,
  type SignedStateProof,
  stateProofEntry,
  type UploadBody,
  type UploadEntry,
  type UploadEntryContent,
  type UploadEntryKind,
  uploadEntryKinds,
  voucherEntry,
} from "./upload-body.ts";
export { type Cancellation, CANCELLATION_LENGTH, decodeCancellation, encodeCancellation } from "./cancellation.ts";

// What passes between terminal and card
export {
  BLANK_SELECT_ANSWER_LENGTH,
  type BlankSelectAnswer,
  decodeBlankSelectAnswer,
  decodeSelectAnswer,
  encodeBlankSelectAnswer,
  encodeSelectAnswer,
  instanceAid,
  isBlankSelectAnswer,
  PACKAGE_AID,
  PROTOCOL_VERSION,
  SELECT_ANSWER_LENGTH,
  type SelectAnswer,
} from "./select-answer.ts";
export { decodePayRequest, encodePayRequest, PAY_REQUEST_LENGTH, type PayRequest } from "./pay-request.ts";
export { decodePayAnswer, encodePayAnswer, MAX_PAY_ANSWER_LENGTH, type PayAnswer } from "./pay-answer.ts";
export { CARD_RECORD_LENGTH, type CardRecord, decodeCardRecord, encodeCardRecord } from "./card-record.ts";
export { type CardState, cardStateBytes, cardStateName, cardStates } from "./card-state.ts";

// PINs on their way to a card
export { checkPuk, decodePinBlock, encodePinBlock } from "./pin-block.ts";
export {
  closePinKeys,
  derivePinKeys,
  openPinSession,
  type PinAgreement,
  type PinKeys,
  verifyPinSession,
} from "./pin-keys.ts";
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
} from "./pin-command.ts";

// Signing and verifying
export { createSigner, digestOf, type Signer } from "./signing.ts";
export { normalizeCardSignature, type NormalizedSignature, signatureParity, verifyDigest } from "./verifying.ts";
export {
  decodeSignature,
  encodeDerSignature,
  encodeSignature,
  GROUP_ORDER,
  parseCardSignature,
  SIGNATURE_LENGTH,
  type SignatureParts,
  withParity,
} from "./signature-form.ts";

// Wire schemas that the apps share
export {
  MAX_UPLOAD_BODY_LENGTH,
  type UploadRequest,
  uploadRequestSchema,
  type UploadResponse,
  uploadResponseSchema,
  type UploadResult,
  uploadResultSchema,
} from "./wire/upload.ts";
export { type StatusListResponse, statusListResponseSchema } from "./wire/status-list.ts";
export {
  type AllowanceRequest,
  allowanceRequestSchema,
  type AllowanceResponse,
  allowanceResponseSchema,
  type CardRegistration,
  type CardRegistrationResponse,
  cardRegistrationResponseSchema,
  cardRegistrationSchema,
  type CertificateResponse,
  certificateResponseSchema,
  type MerchantRequest,
  merchantRequestSchema,
} from "./wire/issuing.ts";
export { amountText, hexText, hexTextUpTo, u64Text, unsignedNumber } from "./wire/values.ts";

// Bytes and text at the rims
export { concatBytes, copyBytes, equalBytes, isBytes, isZero } from "./bytes.ts";
export { fromHex, toHex } from "./hex.ts";

// Bounds and errors
export {
  MAX_ALLOWANCE_FLAGS,
  MAX_CATEGORY,
  MAX_COUNTERS_AHEAD,
  MAX_DER_SIGNATURE_LENGTH,
  MAX_HEX_TEXT_LENGTH,
  MAX_STATUS_LIST_CARDS,
  MAX_U32,
  MAX_U64,
  MAX_UNITS,
  MAX_UPLOAD_ENTRIES,
  MIN_DER_SIGNATURE_LENGTH,
  PIN_BLOCK_LENGTH,
  PIN_MAX_DIGITS,
  PIN_MIN_DIGITS,
  PUK_DIGITS,
  RING_SIZE,
} from "./limits.ts";
export {
  isProtocolError,
  ProtocolError,
  type ProtocolErrorCode,
  protocolErrorCodes,
  type ProtocolErrorContexts,
} from "./errors.ts";
