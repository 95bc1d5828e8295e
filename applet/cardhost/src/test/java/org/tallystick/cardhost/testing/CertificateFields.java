package org.tallystick.cardhost.testing;

import static org.tallystick.cardhost.testing.Bytes.ascii;
import static org.tallystick.cardhost.testing.Bytes.join;
import static org.tallystick.cardhost.testing.Bytes.number;

/** A merchant certificate (163), field by field (spec §3.4); its limits are the terminal's and nothing to a card. */
public record CertificateFields(
    byte[] domain, int keyId, byte[] payee, int category, byte[] terminalId, byte[] terminalKey, long notBefore, long notAfter) {

  /** For the payee and terminal of {@link RequestFields#of}. */
  public static CertificateFields standard(byte[] terminalKey) {
    return new CertificateFields(TestCard.DOMAIN, TestCard.ISSUER_KEY_ID, TestCard.PAYEE, 5, TestCard.TERMINAL, terminalKey, 1_000, 2_000_000_000L);
  }

  public byte[] encode() {
    return join(ascii("TLYM"), domain, number(keyId, 1), payee, number(category, 1), terminalId, terminalKey, number(notBefore, 4), number(notAfter, 4),
        number(1_000, 6), number(5_000, 6), number(100, 4), number(2_000, 6), number(0, 6));
  }

  public CertificateFields withDomain(byte[] value) {
    return new CertificateFields(value, keyId, payee, category, terminalId, terminalKey, notBefore, notAfter);
  }

  public CertificateFields withKeyId(int value) {
    return new CertificateFields(domain, value, payee, category, terminalId, terminalKey, notBefore, notAfter);
  }

  public CertificateFields withPayee(byte[] value) {
    return new CertificateFields(domain, keyId, value, category, terminalId, terminalKey, notBefore, notAfter);
  }

  public CertificateFields withTerminalKey(byte[] value) {
    return new CertificateFields(domain, keyId, payee, category, terminalId, value, notBefore, notAfter);
  }

  public CertificateFields withValidity(long from, long to) {
    return new CertificateFields(domain, keyId, payee, category, terminalId, terminalKey, from, to);
  }
}
