package org.tallystick.applet;

/** Offsets inside a PAY request (67) and the ring record that starts with it (143); spec §4.3, §4.5. */
final class Record {
  static final short CARD_TAG = 0;
  static final short COUNTER = 8;
  static final short PAYEE = 12;
  static final short AMOUNT = 32;
  static final short TIME = 38;
  static final short CHALLENGE = 42;
  static final short TERMINAL_ID = 58;
  static final short CATEGORY = 66;
  static final short REQUEST_LENGTH = 67;

  static final short SPENT = 67;
  static final short SEQ = 73;
  static final short CVM = 77;
  static final short FLAGS = 78;
  static final short LINK = 79;
  static final short MESSAGE_HASH = 111;
  static final short LENGTH = 143;

  /** counter, spent, seq, cvm, flags and link as PAY answers them: 4 + 6 + 4 + 1 + 1 + 32. */
  static final short ANSWER_LENGTH = 48;
  /** cvm and flags: what stands before the signature in PAY's short answer. */
  static final short SHORT_ANSWER_LENGTH = 2;

  private Record() {}
}
