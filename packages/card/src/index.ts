// Results and errors
export { type CardRefusal, type CommandResult, refusalOf, runCommand } from "./exchange/command-result.ts";
export { CardError, type CardErrorCode } from "./exchange/card-error.ts";

// Commands anyone may send
export {
  readSelectAnswer,
  select,
  selectInstanceCommand,
  type Selected,
  selectShortCommand,
} from "./commands/select.ts";
export { pay, payCommand, payShortCommand } from "./commands/pay.ts";
export { prove, type ProveAnswer, proveCommand, readProveAnswer } from "./commands/prove.ts";
export { getLog, getLogCommand, type LoggedPayment, type LogReader, readLogAnswer } from "./commands/get-log.ts";
export { updateAllowance, updateAllowanceCommand } from "./commands/update-allowance.ts";
export {
  type DataObjectName,
  dataObjects,
  getDataObject,
  getDataObjectCommand,
  getProgress,
  type Progress,
  readProgress,
} from "./commands/get-data.ts";
export { type CardVersion, getVersion } from "./commands/get-version.ts";

// A payee's payments
export { getChallenge, getChallengeCommand } from "./commands/get-challenge.ts";
export { type LogTerminal, openLog } from "./open-log.ts";

// PIN, certificate and beacon
export {
  presentCertificate,
  presentCertificateCommand,
  type SignedCertificate,
} from "./commands/present-certificate.ts";
export { getBeacon, getBeaconCommand, putBeacon, putBeaconCommand } from "./commands/beacon.ts";
export {
  pinSessionCommand,
  type PinSessionAnswer,
  type PinTerminal,
  readPinSessionAnswer,
  startPinSession,
} from "./commands/pin/pin-session.ts";
export { verifyPin, verifyPinCommand } from "./commands/pin/verify-pin.ts";
export { changePin, changePinCommand } from "./commands/pin/change-pin.ts";
export { unblock, unblockCommand } from "./commands/pin/unblock.ts";
export { triesLeft } from "./commands/pin/pin-command.ts";

// Commands of the personalization channel
export { generateKey, generateKeyCommand } from "./commands/generate-key.ts";
export { open, openCommand } from "./commands/open.ts";
export {
  dataGroups,
  storeAddressCommand,
  storeData,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
  storePinCommand,
  storeStateCommand,
} from "./commands/store-data.ts";

// The applet's numbers
export { CLA_TALLYSTICK, INS } from "./exchange/instruction.ts";
