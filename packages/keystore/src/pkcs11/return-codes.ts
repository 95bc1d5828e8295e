import { KeystoreError } from "../keystore-error.ts";

/** Return values of PKCS#11 2.40 that decide something here. */
export const RETURN = {
  keyHandleInvalid: 0x60,
  deviceError: 0x30,
  deviceRemoved: 0x32,
  functionFailed: 0x06,
  generalError: 0x05,
  objectHandleInvalid: 0x82,
  pinIncorrect: 0xa0,
  pinInvalid: 0xa1,
  pinLengthRange: 0xa2,
  pinExpired: 0xa3,
  pinLocked: 0xa4,
  sessionClosed: 0xb0,
  sessionHandleInvalid: 0xb3,
  tokenNotPresent: 0xe0,
  tokenNotRecognized: 0xe1,
  userAlreadyLoggedIn: 0x100,
  userNotLoggedIn: 0x101,
  userPinNotInitialized: 0x102,
  keyFunctionNotPermitted: 0x68,
  notInitialized: 0x190,
  alreadyInitialized: 0x191,
} as const;

/** After these the session is opened anew: the HSM was taken away, restarted, or ended it. */
const lost: readonly number[] = [
  RETURN.keyHandleInvalid,
  RETURN.deviceError,
  RETURN.deviceRemoved,
  RETURN.objectHandleInvalid,
  RETURN.sessionClosed,
  RETURN.sessionHandleInvalid,
  RETURN.tokenNotPresent,
  RETURN.tokenNotRecognized,
  RETURN.userNotLoggedIn,
];

/** The code of an error of the library; undefined for any other error. */
export function returnCodeOf(error: unknown): number | undefined {
  if (!(typeof error === "object" && error !== null && "code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

/** Whether the library answered just this. */
export function isCode(error: unknown, code: number): boolean {
  return returnCodeOf(error) === code;
}

/** Whether a session opened anew may do what this one did not. */
export function isLost(error: unknown): boolean {
  const code = returnCodeOf(error);
  return code !== undefined && lost.includes(code);
}

/** What a library answered, as an error of ours; what is no answer of a library stays as it is. */
export function asKeystoreError(error: unknown, what: string): unknown {
  const code = returnCodeOf(error);
  if (code === undefined) return error;
  return new KeystoreError("HSM_FAULT", `${what}: CKR 0x${code.toString(16)}.`);
}
