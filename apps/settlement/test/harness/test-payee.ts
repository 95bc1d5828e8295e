import { randomBytes } from "node:crypto";
import { addressOfKey, createSigner, signatureParity, toHex, type Address, type Signer } from "@tallystick/protocol";
import { keccak_256 } from "@noble/hashes/sha3.js";

/** A payee whose key the test holds; it signs texts as wallets do. */
export class TestPayee {
  readonly signer: Signer = createSigner(randomBytes(32));
  readonly address: Address = addressOfKey(this.signer.publicKey);

  /** r ‖ s ‖ v as hex. */
  async sign(text: string): Promise<string> {
    const digest = keccak_256(Buffer.from(`\x19Ethereum Signed Message:\n${text.length}${text}`, "latin1"));
    const signature = await this.signer.sign(digest);
    return toHex(Uint8Array.from([...signature, 27 + signatureParity(signature, digest, this.signer.publicKey)]));
  }
}
