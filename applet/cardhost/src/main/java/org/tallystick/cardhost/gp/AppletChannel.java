package org.tallystick.cardhost.gp;

import java.util.Arrays;
import java.util.function.Supplier;
import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import org.globalplatform.SecureChannel;

/** The org.globalplatform.SecureChannel that applets get: a thin coat over {@link ChannelHolder}. */
public final class AppletChannel implements SecureChannel {
  private final ChannelHolder holder;
  private final Supplier<byte[]> selectedAid;

  public AppletChannel(ChannelHolder holder, Supplier<byte[]> selectedAid) {
    this.holder = holder;
    this.selectedAid = selectedAid;
  }

  @Override
  public short processSecurity(APDU apdu) {
    byte[] buffer = apdu.getBuffer();
    short length = apdu.setIncomingAndReceive();
    try {
      byte[] answer = holder.process(Arrays.copyOf(buffer, ISO7816.OFFSET_CDATA + length), selectedAid.get());
      return (short) (Util.arrayCopyNonAtomic(answer, (short) 0, buffer, ISO7816.OFFSET_CDATA, (short) answer.length) - ISO7816.OFFSET_CDATA);
    } catch (StatusException refused) {
      throw isoException(refused.statusWord());
    }
  }

  @Override
  public short unwrap(byte[] buffer, short offset, short length) {
    byte[] clear = open().unwrap(Arrays.copyOfRange(buffer, offset, offset + length));
    if (clear == null) {
      holder.close();
      throw isoException(0x6982);
    }
    System.arraycopy(clear, 0, buffer, offset, clear.length);
    return (short) clear.length;
  }

  @Override
  public short wrap(byte[] buffer, short offset, short length) {
    int dataLength = length - 2;
    int statusWord = Util.getShort(buffer, (short) (offset + dataLength)) & 0xFFFF;
    byte[] sealed = open().wrap(Arrays.copyOfRange(buffer, offset, offset + dataLength), statusWord);
    System.arraycopy(sealed, 0, buffer, offset, sealed.length);
    return (short) sealed.length;
  }

  @Override
  public short decryptData(byte[] buffer, short offset, short length) {
    if (length % Aes.BLOCK != 0) throw isoException(0x6A80);
    byte[] clear = open().decryptData(Arrays.copyOfRange(buffer, offset, offset + length));
    System.arraycopy(clear, 0, buffer, offset, clear.length);
    return (short) clear.length;
  }

  @Override
  public short encryptData(byte[] buffer, short offset, short length) {
    if (length % Aes.BLOCK != 0) throw isoException(0x6A80);
    byte[] sealed = open().encryptData(Arrays.copyOfRange(buffer, offset, offset + length));
    System.arraycopy(sealed, 0, buffer, offset, sealed.length);
    return (short) sealed.length;
  }

  @Override
  public void resetSecurity() {
    holder.close();
  }

  @Override
  public byte getSecurityLevel() {
    Scp03Session session = holder.session();
    return session == null ? NO_SECURITY_LEVEL : (byte) (AUTHENTICATED | session.level());
  }

  private Scp03Session open() {
    Scp03Session session = holder.session();
    if (session == null) throw isoException(0x6982);
    return session;
  }

  private static ISOException isoException(int statusWord) {
    return new ISOException((short) statusWord);
  }
}
