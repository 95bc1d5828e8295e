package org.tallystick.cardhost.runtime;

/** What takes a card's time: its cryptographic engines and its persistent memory. */
public enum Operation {
  SIGNATURE_INIT,
  SIGN,
  VERIFY,
  KEY_GENERATION,
  KEY_AGREEMENT,
  HASH,
  AES,
  /** One write outside a transaction. */
  PERSISTENT_WRITE,
  /** A transaction becomes durable. */
  COMMIT
}
