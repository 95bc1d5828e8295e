// The card as a function
export type { CardChannel } from "./iso7816/card-channel.ts";
export { exchange, exchangeOk, statusError } from "./iso7816/exchange.ts";
export { withChaining } from "./decorators/with-chaining.ts";
export type { ChainingMode } from "./decorators/with-chaining.ts";
export { withGetResponse } from "./decorators/with-get-response.ts";
export { withLengthRetry } from "./decorators/with-length-retry.ts";
export { withTrace } from "./decorators/with-trace.ts";
export type { TraceEntry } from "./decorators/with-trace.ts";

// Commands and responses (ISO 7816-4)
export { encodeCommand, isExtended, parseCommand } from "./iso7816/command-apdu.ts";
export type { CommandApdu } from "./iso7816/command-apdu.ts";
export { encodeResponse, parseResponse } from "./iso7816/response-apdu.ts";
export type { ResponseApdu } from "./iso7816/response-apdu.ts";
export { describeStatusWord, formatStatusWord, isWarning, SW_SUCCESS, triesLeftOf } from "./iso7816/status-word.ts";

// BER-TLV
export { encodeTlv, parseSingleTlv, parseTlv, requireTlv } from "./iso7816/tlv.ts";
export type { Tlv, TlvInput } from "./iso7816/tlv.ts";

// Readers
export { ReaderError, isReaderError } from "./reader/reader-error.ts";
export type { ReaderErrorCode } from "./reader/reader-error.ts";
export type {
  CardConnection,
  ConnectOptions,
  Reader,
  ReaderProvider,
  ReaderStatus,
  ResetOptions,
  ShareMode,
  WaitOptions,
} from "./reader/reader.ts";

// GlobalPlatform commands
export { deleteCommand } from "./gp/delete.ts";
export {
  getDataCommand,
  parseKeyInformation,
  TAG_CARD_DATA,
  TAG_CARD_PRODUCTION_LIFE_CYCLE,
  TAG_EXTENDED_RESOURCES,
  TAG_KEY_INFORMATION,
} from "./gp/get-data.ts";
export type { KeyInformation } from "./gp/get-data.ts";
export { namesNothing, parseChipName, parseFreeMemory } from "./gp/card-data.ts";
export { getStatusCommand, parseRegistry, readRegistry, REGISTRY_SCOPES } from "./gp/get-status.ts";
export type { RegistryEntry, RegistryScope } from "./gp/get-status.ts";
export { initializeUpdateCommand, parseInitializeUpdate } from "./scp/initialize-update.ts";
export type { InitializeUpdateAnswer, Scp02Answer, Scp03Answer } from "./scp/initialize-update.ts";
export { externalAuthenticateCommand } from "./scp/external-authenticate.ts";
export { installCommand } from "./gp/install.ts";
export type { InstallFields } from "./gp/install.ts";
export { installForLoadCommand, loadCommands } from "./gp/load.ts";
export { putKeyCommand, verifyPutKeyAnswer } from "./gp/put-key.ts";
export type { PutKeyFields } from "./gp/put-key.ts";
export {
  ISSUER_SECURITY_DOMAIN_AID,
  nameInFileControlInformation,
  selectCommand,
  selectDefaultCommand,
} from "./gp/select.ts";
export { setStatusCommand } from "./gp/set-status.ts";
export type { SetStatusFields } from "./gp/set-status.ts";
export { encodeDataGroup, storeDataGroupCommand } from "./gp/store-data.ts";

// Secure channels and keys
export { openScp03 } from "./scp/open-scp03.ts";
export type { OpenScp03Options } from "./scp/open-scp03.ts";
export { openScp02 } from "./scp/open-scp02.ts";
export type { OpenScp02Options } from "./scp/open-scp02.ts";
export type { SecureSession } from "./scp/secure-session.ts";
export { C_DECRYPTION, C_MAC, R_ENCRYPTION, R_MAC } from "./scp/security-level.ts";
export { aesKeyCheckValue, createKeySet, desKeyCheckValue, KEY_IDENTIFIERS } from "./scp/key-set.ts";
export type { KeyPurpose, KeySet } from "./scp/key-set.ts";
export { desKeySet } from "./scp/diversify-des.ts";
export type { DesDiversification } from "./scp/diversify-des.ts";
export {
  deriveKdf3KeySet,
  DIVERSIFICATION_DATA_BYTES,
  kdf3,
  kdf3KeySet,
  type DerivingKey,
} from "./scp/diversify-kdf3.ts";

// Primitives that a card's applications use as well
export { aesCbcDecrypt, aesCbcEncrypt, aesCmac, aesEncryptBlock } from "./crypto/aes.ts";

// Bytes and hexadecimal
export { bytesFromHex, bytesToHex, concatBytes, equalBytes } from "./iso7816/bytes.ts";

// Errors
export { ApduError, isApduError } from "./iso7816/apdu-error.ts";
export type { ApduErrorCode, ApduErrorContext } from "./iso7816/apdu-error.ts";
