// Results and errors
export { type CardRefusal, type CommandResult, refusalOf, runCommand } from "./command-result.ts";
export { CardError, type CardErrorCode } from "./card-error.ts";

// Commands anyone may send
export { readSelectAnswer, select, selectInstanceCommand, type Selected } from "./select.ts";
export { pay, payCommand } from "./pay.ts";
export { prove, type ProveAnswer, proveCommand, readProveAnswer } from "./prove.ts";
export { getLog, getLogCommand, type LoggedPayment, readLogAnswer } from "./get-log.ts";
export { updateAllowance, updateAllowanceCommand } from "./update-allowance.ts";
export {
  type DataObjectName,
  dataObjects,
  getDataObject,
  getDataObjectCommand,
  getProgress,
  type Progress,
  readProgress,
} from "./get-data.ts";

// PIN, certificate and beacon
export { presentCertificate, presentCertificateCommand, type SignedCertificate } from "./present-certificate.ts";
export { getBeacon, getBeaconCommand, putBeacon, putBeaconCommand } from "./beacon.ts";
export {
  pinSessionCommand,
  type PinSessionAnswer,
  type PinTerminal,
  readPinSessionAnswer,
  startPinSession,
} from "./pin-session.ts";
export {
  changePin,
  changePinCommand,
  storePinCommand,
  triesLeft,
  unblock,
  unblockCommand,
  verifyPin,
  verifyPinCommand,
} from "./pin-commands.ts";

// Commands of the personalization channel
export { generateKey, generateKeyCommand } from "./generate-key.ts";
export { open, openCommand } from "./open.ts";
export {
  dataGroups,
  storeAddressCommand,
  storeData,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
  storeStateCommand,
} from "./store-data.ts";

// The applet's numbers
export { CLA_TALLYSTICK, INS } from "./instruction.ts";

// The software card
export {
  openSoftwareCard,
  type SoftwareCard,
  type SoftwareCardOptions,
  type SoftwareCardStore,
} from "./software/software-card.ts";
export { CARD_IMAGE_BYTES } from "./software/card-image.ts";
export type { RandomBytes } from "./software/card-context.ts";
