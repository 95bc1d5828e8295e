package org.globalplatform;

import javacard.framework.APDU;
import javacard.framework.ISOException;

/**
 * What a security domain offers an applet (GlobalPlatform Card API, package org.globalplatform).
 * Only names, values and signatures of the public API; a real card supplies the implementation.
 */
public interface SecureChannel {
  byte NO_SECURITY_LEVEL = 0x00;
  byte C_MAC = 0x01;
  byte C_DECRYPTION = 0x02;
  byte R_MAC = 0x10;
  byte R_ENCRYPTION = 0x20;
  byte ANY_AUTHENTICATED = 0x40;
  byte AUTHENTICATED = (byte) 0x80;

  /** Handles INITIALIZE UPDATE and EXTERNAL AUTHENTICATE; the answer lies at OFFSET_CDATA, its length is returned. */
  short processSecurity(APDU apdu) throws ISOException;

  /** Protects a response followed by its status bytes (both in {@code length}); returns the new length without status bytes. */
  short wrap(byte[] buffer, short offset, short length) throws ISOException;

  /** Checks and decrypts a whole command APDU in place; returns its new length. */
  short unwrap(byte[] buffer, short offset, short length) throws ISOException;

  /** Decrypts data with the data encryption key; returns the length of the clear data. */
  short decryptData(byte[] buffer, short offset, short length) throws ISOException;

  /** Encrypts data with the data encryption key; returns the length of the encrypted data. */
  short encryptData(byte[] buffer, short offset, short length) throws ISOException;

  /** Ends the session and wipes its keys. */
  void resetSecurity();

  /** The current session's level: a sum of the constants above. */
  byte getSecurityLevel();
}
