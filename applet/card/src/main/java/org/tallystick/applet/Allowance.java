package org.tallystick.applet;

/** Offsets inside the 62 bytes of an allowance body (spec §3.3). */
final class Allowance {
  static final short KEY_ID = 0;
  static final short SEQ = 1;
  static final short MAX_SPENT = 5;
  static final short MAX_COUNTER = 17;
  static final short PER_TAP = 21;
  static final short PIN_ABOVE = 27;
  static final short NO_PIN_SUM = 33;
  static final short NO_PIN_COUNT = 39;
  static final short NOT_BEFORE = 40;
  static final short NOT_AFTER = 44;
  static final short CATEGORIES = 52;
  static final short FLAGS = 60;
  static final short BODY_LENGTH = 62;
  static final short SIGNED_LENGTH = 126;

  /** Flags: bit 0 certificate needed, bits 1 and 2 assurance class, bit 3 new no-PIN sums; nothing above. */
  static final short KNOWN_FLAGS = 0x000F;
  static final short CERTIFICATE_FLAG = 0x0001;
  static final short NEW_NO_PIN_SUMS = 0x0008;

  /** noPinCount with this value sets no limit by count, and the count of payments stays there. */
  static final short NO_COUNT_LIMIT = 255;

  private Allowance() {}
}
