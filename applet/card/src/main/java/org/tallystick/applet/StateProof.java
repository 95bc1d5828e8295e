package org.tallystick.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** PROVE: the card signs where it stands, over the terminal's challenge (TLYP, spec §3.6, §4.12). */
final class StateProof {
  private static final short TAG = 0x5950;
  private static final short CHALLENGE_LENGTH = 16;
  /** counter 4, spent 6, seq 4, state 1, head 32: what the answer shows before the signature. */
  private static final short SHOWN_LENGTH = 47;

  private final Persistent card;
  private final Ram ram;
  private final Signer signer;

  StateProof(Persistent card, Ram ram, Signer signer) {
    this.card = card;
    this.ram = ram;
    this.signer = signer;
  }

  short process(byte[] buffer, short length) {
    if (length != CHALLENGE_LENGTH) ISOException.throwIt(Status.WRONG_LENGTH);
    if (!card.has((byte) (Persistent.HAS_DOMAIN | Persistent.HAS_KEY_PAIR))) ISOException.throwIt(Status.CONDITION);
    byte[] message = ram.scratch;
    short at = Bytes.putTag(message, (short) 0, TAG);
    at = Util.arrayCopyNonAtomic(card.domain, (short) 0, message, at, Persistent.DOMAIN_LENGTH);
    short shown = Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, message, at, CHALLENGE_LENGTH);
    at = Util.arrayCopyNonAtomic(card.money, Persistent.COUNTER, message, shown, (short) 10);
    at = Util.arrayCopyNonAtomic(card.allowance, Allowance.SEQ, message, at, (short) 4);
    message[at] = card.state();
    at = Util.arrayCopyNonAtomic(card.money, Persistent.HEAD, message, (short) (at + 1), Ram.HASH_LENGTH);
    short signature = signer.sign(message, (short) 0, at);
    at = Util.arrayCopyNonAtomic(message, shown, buffer, (short) 0, SHOWN_LENGTH);
    return Util.arrayCopyNonAtomic(ram.der, Ram.DER, buffer, at, signature);
  }
}
