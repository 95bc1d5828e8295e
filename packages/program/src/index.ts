// Configuration
export {
  type ConfigSource,
  type PartialConfig,
  readConfigFile,
  type ReadConfigOptions,
  readConfigValue,
} from "./configuration/read-config.ts";
export { ConfigError, type ConfigFault, faultAt } from "./configuration/config-error.ts";
export { plainNodeFault } from "./configuration/plain-node.ts";
export { FaultList } from "./configuration/fault-list.ts";
export { decodeText, type FileText } from "./configuration/file-text.ts";

// Settings that several programs have
export {
  address,
  amountSetting,
  asset,
  chainId,
  filePath,
  hexBytes,
  httpUrl,
  issuerKey,
  issuerKeys,
  keyFile,
  listen,
  log,
  logLevel,
  publicKey,
  readAmount,
  rpcUrl,
  secondListen,
  seconds,
  socketAddress,
  textReadBy,
} from "./configuration/values.ts";

// Key files and what must not be shown
export { KeyFileError, type KeyFileErrorCode } from "./key-files/key-file-error.ts";
export { makeKeyFile, readKeyFile, readOwnBytes, readOwnFile } from "./key-files/key-file.ts";
export { makeDevelopmentKey, readAccountKey, readDevelopmentKey } from "./key-files/signing-key.ts";
export { assertKeyFits, DEVELOPMENT_CHAIN_IDS, type KeyUse } from "./key-files/development.ts";
export { makePrivate, takeRights } from "./key-files/private-file.ts";
export { redactUrl, redactUrls } from "./redaction/redact-url.ts";

// Doors: where a server listens, and who comes in
export { isLoopback, isLoopbackUrl } from "./doors/addresses.ts";
export { tokenOf } from "./doors/bearer-token.ts";
export { callerOf, type Door, type DoorFault, doorFault, type DoorRequest, openDoorFault } from "./doors/door.ts";
export { RequestRate, type RequestRateOptions } from "./doors/request-rate.ts";
export { boundConnections, type HttpBounds, httpBounds, serverTimes, type ServerTimes } from "./doors/server-times.ts";
export { WrongTokens, type WrongTokensOptions } from "./doors/wrong-tokens.ts";

// Messages to programs (Standard Webhooks)
export { mayBeTold } from "./webhooks/address-rules.ts";
export { WEBHOOK_TIMEOUT_MS } from "./webhooks/limits.ts";
export { postWebhook, type WebhookAnswer, type WebhookFaultCode, type WebhookPost } from "./webhooks/post-webhook.ts";
export { readWebhookSecret, webhookHeaders } from "./webhooks/webhook-secret.ts";

// Lines and exit codes
export { EXIT, type ExitCode, exitCodesHelp, type ExitKind } from "./lines/exits.ts";
export { assertKnownCommand, type Fault, ProgramError, type Situation } from "./lines/program-error.ts";
export { exitOf, type Failure, failureOf, type FailureRule, failureRule } from "./lines/failure.ts";
export {
  createProgramLines,
  faultLine,
  listenUrl,
  type ProgramLines,
  type ProgramLinesOptions,
  type Ready,
  type WriteLine,
} from "./lines/program-lines.ts";

// Checks of a configuration
export { type Check, checkLine, type CheckResult, runChecks, type RunChecksOptions } from "./checks/run-checks.ts";

// Tables for spreadsheets
export { csvLine, harmlessText, writtenText } from "./csv/csv-cells.ts";

// Reports of orders
export {
  type CardLine,
  type HeadLine,
  type Outcome,
  REPORT_SCHEMA,
  type SignatureLine,
  type SumLine,
} from "./order-reports/report-lines.ts";
export {
  reportAsset,
  reportDomain,
  ReportSignatureError,
  type ReportTrust,
  reportUnits,
  type VerifiedReport,
  verifyReport,
} from "./order-reports/verify-report.ts";

// Loops
export {
  type NextPass,
  Repeater,
  type RepeaterFaults,
  type RepeaterLog,
  type RepeaterOptions,
} from "./loops/repeater.ts";
export { type BackOff, backOffMs } from "./loops/back-off.ts";
export { systemTimer, type Timer } from "./loops/timer.ts";
export { within } from "./loops/within.ts";

// The end
export {
  endGracefully,
  type EndingProcess,
  type EndSignal,
  type GracefulEnd,
  type GracefulEndOptions,
} from "./ending/graceful-end.ts";

// Bounds
export {
  MAX_CONFIG_BYTES,
  MAX_ISSUER_KEYS,
  MAX_KEY_FILE_BYTES,
  MAX_ORDER_CARDS,
  MAX_REPORTED_ISSUES,
} from "./limits.ts";
