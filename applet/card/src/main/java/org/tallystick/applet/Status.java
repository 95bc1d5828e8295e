package org.tallystick.applet;

/** Status words (spec §4.6): 9Exx are refusals by rule, 9F0x name what the chip lacks, the rest are faults of form, right or condition. */
final class Status {
  static final short WRONG_STATE = (short) 0x9E01;
  static final short OUTSIDE_VALIDITY = (short) 0x9E02;
  static final short CATEGORY = (short) 0x9E03;
  static final short ABOVE_PER_TAP = (short) 0x9E04;
  static final short COUNTER_CAP = (short) 0x9E05;
  static final short SPENDING_CAP = (short) 0x9E06;
  static final short PIN_NEEDED = (short) 0x9E07;
  static final short COUNTER_OUT_OF_TURN = (short) 0x9E08;
  static final short NOT_THIS_CARD = (short) 0x9E09;
  static final short NOT_NEWER = (short) 0x9E0A;
  static final short SIGNATURE_WRONG = (short) 0x9E0B;
  static final short CERTIFICATE_NEEDED = (short) 0x9E0C;

  /** At installation alone: what the chip lacks. */
  static final short LACKS_CURVE = (short) 0x9F01;
  static final short LACKS_ECDSA = (short) 0x9F02;
  static final short LACKS_SHA_256 = (short) 0x9F03;
  static final short LACKS_ECDH = (short) 0x9F04;
  static final short LACKS_AES_KEY = (short) 0x9F05;
  static final short LACKS_AES_CBC = (short) 0x9F06;
  static final short LACKS_RANDOM = (short) 0x9F07;
  static final short LACKS_RAM = (short) 0x9F08;

  static final short WRONG_LENGTH = 0x6700;
  static final short NO_RIGHT = 0x6982;
  static final short CONDITION = 0x6985;
  static final short WRONG_VALUE = 0x6A80;
  static final short NO_SUCH_INSTANCE = 0x6A82;
  static final short NO_SUCH_RECORD = 0x6A83;
  static final short WRONG_PARAMETERS = 0x6A86;
  static final short NO_SUCH_DATA = 0x6A88;
  static final short WRONG_INSTRUCTION = 0x6D00;
  static final short WRONG_CLASS = 0x6E00;

  private Status() {}
}
