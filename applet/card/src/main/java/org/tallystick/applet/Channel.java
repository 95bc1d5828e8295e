package org.tallystick.applet;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import org.globalplatform.GPSystem;
import org.globalplatform.SecureChannel;

/** Secure messaging of the applet's own security domain: SCP03, wholly delegated to org.globalplatform. */
final class Channel {
  /** Personalization level: C-MAC, C-DECRYPTION and R-MAC. */
  private static final byte PERSONALIZATION = (byte) (SecureChannel.C_MAC | SecureChannel.C_DECRYPTION | SecureChannel.R_MAC);
  /** What secure messaging has to show at least: C-MAC alone may be said of a channel that is not authenticated yet. */
  private static final byte REQUIRED = (byte) (SecureChannel.AUTHENTICATED | SecureChannel.C_MAC);
  private static final short SW_SUCCESS = (short) 0x9000;

  private final Session session;

  Channel(Session session) {
    this.session = session;
  }

  /** INITIALIZE UPDATE and EXTERNAL AUTHENTICATE. */
  void authenticate(APDU apdu) {
    short length = GPSystem.getSecureChannel().processSecurity(apdu);
    if (length > 0) apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, length);
  }

  /** Unwraps a CLA-84 command in place; answers the clear data's length. Any failure ends the session. */
  short open(byte[] buffer, short length) {
    SecureChannel channel = GPSystem.getSecureChannel();
    try {
      if ((byte) (channel.getSecurityLevel() & REQUIRED) != REQUIRED) ISOException.throwIt(Status.NO_RIGHT);
      short clear = channel.unwrap(buffer, (short) 0, (short) (length + ISO7816.OFFSET_CDATA));
      session.setSecure((byte) (channel.getSecurityLevel() & PERSONALIZATION) == PERSONALIZATION);
      return (short) (clear - ISO7816.OFFSET_CDATA);
    } catch (ISOException refused) {
      channel.resetSecurity();
      ISOException.throwIt(Status.NO_RIGHT);
      return 0;
    }
  }

  /** Adds the response MAC that the session's level asks for; answers the new length. */
  short seal(byte[] buffer, short length) {
    Util.setShort(buffer, length, SW_SUCCESS);
    return GPSystem.getSecureChannel().wrap(buffer, (short) 0, (short) (length + 2));
  }

  /** Takes the data encryption key off sensitive data, in place. */
  static void decrypt(byte[] buffer, short offset, short length) {
    GPSystem.getSecureChannel().decryptData(buffer, offset, length);
  }

  void close() {
    GPSystem.getSecureChannel().resetSecurity();
  }
}
