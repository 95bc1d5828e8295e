// Wire schemas that the apps share
export {
  type ReceiptMembers,
  receiptMembersSchema,
  type UploadRequest,
  uploadRequestSchema,
  type UploadResponse,
  uploadResponseSchema,
  type UploadResult,
  uploadResultSchema,
} from "./upload.ts";
export {
  type MailboxAnswer,
  mailboxAnswerSchema,
  type MoneyNotice,
  moneyNoticeSchema,
  type ReturnOrderAnswer,
  returnOrderAnswerSchema,
  type TerminalRequestBody,
  terminalRequestSchema,
  type VoucherStateAnswer,
  voucherStateSchema,
  type VoucherStatesAnswer,
  voucherStatesSchema,
} from "./request.ts";
export { type StatusListResponse, statusListResponseSchema } from "./status-list.ts";
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
} from "./issuing.ts";
export {
  type AdmissionAnswer,
  admissionSchema,
  type CertificateRequestAnswer,
  certificateRequestAnswerSchema,
  type CertificateRequestBody,
  certificateRequestSchema,
  type ListedVoucher,
  listedVoucherSchema,
  type PayeeAnswer,
  payeeAnswerSchema,
  type Terms,
  termsSchema,
  type VoucherListAnswer,
  voucherListSchema,
} from "./joining.ts";
export {
  MAX_LISTED_REFUNDS,
  MAX_LISTED_VOUCHERS,
  MAX_NOTICE_LENGTH,
  MAX_REASON_LENGTH,
  MAX_STATE_NAME_LENGTH,
  MAX_TERMS_TEXT_LENGTH,
} from "./limits.ts";
export {
  amountText,
  checkValueText,
  hexText,
  hexTextUpTo,
  lineText,
  reasonText,
  u64Text,
  unsignedNumber,
} from "./values.ts";
