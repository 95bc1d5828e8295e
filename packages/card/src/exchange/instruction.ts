/** The class of the applet's commands in clear; secure messaging makes it 84 (spec §4.1). */
export const CLA_TALLYSTICK = 0x80;

/** The applet's instructions (spec §4.2). */
export const INS = Object.freeze({
  pay: 0x10,
  prove: 0x12,
  updateAllowance: 0x14,
  getLog: 0x16,
  presentCertificate: 0x18,
  pinSession: 0x1a,
  beacon: 0x1c,
  open: 0x1e,
  verifyPin: 0x20,
  changePin: 0x24,
  unblock: 0x2c,
  generateKey: 0x46,
  getChallenge: 0x84,
  getData: 0xca,
  storeData: 0xe2,
} as const);
