package org.tallystick.cardhost.testing;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.ECDSASigner;

/** ECDSA over secp256k1 for the test's own parties, and strict reading of the card's DER. */
public final class Secp256k1 {
  private static final X9ECParameters CURVE = SECNamedCurves.getByName("secp256k1");
  private static final ECDomainParameters DOMAIN = new ECDomainParameters(CURVE.getCurve(), CURVE.getG(), CURVE.getN(), CURVE.getH());
  public static final BigInteger N = CURVE.getN();

  private Secp256k1() {}

  /** @param scalar 1 … n − 1 */
  public record KeyPair(BigInteger scalar) {
    public static KeyPair random(SecureRandom random) {
      BigInteger scalar;
      do scalar = new BigInteger(256, random);
      while (scalar.signum() == 0 || scalar.compareTo(N) >= 0);
      return new KeyPair(scalar);
    }

    /** 04 ‖ x ‖ y */
    public byte[] publicKey() {
      return CURVE.getG().multiply(scalar).getEncoded(false);
    }

    public byte[] compressed() {
      return CURVE.getG().multiply(scalar).getEncoded(true);
    }

    /** r ‖ s with low s over SHA-256 of the message. */
    public byte[] sign(byte[]... message) {
      ECDSASigner signer = new ECDSASigner();
      signer.init(true, new ParametersWithRandom(new ECPrivateKeyParameters(scalar, DOMAIN), new SecureRandom()));
      BigInteger[] rs = signer.generateSignature(Bytes.sha256(message));
      BigInteger s = rs[1].compareTo(N.shiftRight(1)) > 0 ? N.subtract(rs[1]) : rs[1];
      return Bytes.join(scalarBytes(rs[0]), scalarBytes(s));
    }

    /** The x coordinate of the shared point. */
    public byte[] agree(byte[] otherPublicKey) {
      byte[] point = CURVE.getCurve().decodePoint(otherPublicKey).multiply(scalar).getEncoded(false);
      return Bytes.slice(point, 1, 32);
    }
  }

  public static byte[] scalarBytes(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] padded = new byte[32];
    int skip = Math.max(0, bytes.length - 32);
    System.arraycopy(bytes, skip, padded, 32 - (bytes.length - skip), bytes.length - skip);
    return padded;
  }

  /** Whether DER is one strict encoding of a signature of SHA-256(message) by this key. */
  public static boolean verifies(byte[] publicKey, byte[] der, byte[]... message) {
    BigInteger[] rs = parseDer(der);
    ECDSASigner signer = new ECDSASigner();
    signer.init(false, new ECPublicKeyParameters(CURVE.getCurve().decodePoint(publicKey), DOMAIN));
    return signer.verifySignature(Bytes.sha256(message), rs[0], rs[1]);
  }

  /** Reads SEQUENCE { INTEGER r, INTEGER s } as X.690 DER and nothing else. */
  public static BigInteger[] parseDer(byte[] der) {
    if (der.length < 8 || der.length > 72 || der[0] != 0x30 || der[1] != der.length - 2) throw new IllegalArgumentException("not a DER signature");
    int rLength = der[3];
    BigInteger r = integer(der, 2, der.length);
    BigInteger s = integer(der, 4 + rLength, der.length);
    if (4 + rLength + 2 + der[4 + rLength + 1] != der.length) throw new IllegalArgumentException("surplus bytes");
    return new BigInteger[] {r, s};
  }

  private static BigInteger integer(byte[] der, int at, int end) {
    if (at + 3 > end) throw new IllegalArgumentException("an integer is missing");
    int length = der[at + 1];
    if (der[at] != 2 || length < 1 || length > 33 || at + 2 + length > end || der[at + 2] < 0) throw new IllegalArgumentException("not a DER integer");
    if (length > 1 && der[at + 2] == 0 && der[at + 3] >= 0) throw new IllegalArgumentException("a padded integer");
    BigInteger value = new BigInteger(1, Bytes.slice(der, at + 2, length));
    if (value.signum() == 0 || value.compareTo(N) >= 0) throw new IllegalArgumentException("out of range");
    return value;
  }
}
