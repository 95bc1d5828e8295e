package org.tallystick.applet;

/** Class and instruction bytes (spec §4.1, §4.2). */
final class Instruction {
  static final byte CLA_ISO = 0x00;
  static final byte CLA_PLAIN = (byte) 0x80;
  /** Secure messaging of the applet's own security domain. */
  static final byte CLA_SECURE = (byte) 0x84;

  static final byte SELECT = (byte) 0xA4;
  static final byte PAY = 0x10;
  static final byte PROVE = 0x12;
  static final byte UPDATE_ALLOWANCE = 0x14;
  static final byte GET_LOG = 0x16;
  static final byte PRESENT_CERTIFICATE = 0x18;
  static final byte PIN_SESSION = 0x1A;
  static final byte BEACON = 0x1C;
  static final byte OPEN = 0x1E;
  static final byte VERIFY_PIN = 0x20;
  static final byte CHANGE_PIN = 0x24;
  static final byte UNBLOCK = 0x2C;
  static final byte GENERATE_KEY = 0x46;
  static final byte INITIALIZE_UPDATE = 0x50;
  static final byte EXTERNAL_AUTHENTICATE = (byte) 0x82;
  static final byte GET_CHALLENGE = (byte) 0x84;
  static final byte GET_DATA = (byte) 0xCA;
  static final byte STORE_DATA = (byte) 0xE2;

  private Instruction() {}
}
