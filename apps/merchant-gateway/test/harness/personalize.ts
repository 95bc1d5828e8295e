import { randomBytes } from "node:crypto";
import {
  C_DECRYPTION,
  C_MAC,
  type CardConnection,
  createKeySet,
  exchangeOk,
  installCommand,
  openScp03,
  R_MAC,
  selectCommand,
  selectDefaultCommand,
} from "@tallystick/apdu";
import {
  generateKey,
  open,
  storeAddressCommand,
  storeData,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
  storePinCommand,
  updateAllowance,
} from "@tallystick/card";
import {
  addressOfKey,
  type AllowanceBody,
  digestOf,
  type Domain,
  encodeAllowance,
  encodeAllowanceBody,
  instanceAid,
  PACKAGE_AID,
  type Signer,
  toAddress,
  uncompressKey,
} from "@tallystick/protocol";

/** The key that cards leave the factory with; a test card keeps it. */
const FACTORY_KEY = Uint8Array.from({ length: 16 }, (_, index) => 0x40 + index);

/** Makes an instance of the applet on a card, and lets it pay, by the way a personalization line takes, without a vault behind it. */
export async function personalize(
  connection: Pick<CardConnection, "transmit">,
  options: {
    readonly domain: Domain;
    readonly issuer: Signer;
    readonly body: AllowanceBody;
    readonly pin?: readonly number[];
    /** Which instance of the applet; the first when left out. */
    readonly instance?: number;
  },
): Promise<void> {
  const { transmit } = connection;
  const keys = createKeySet({ version: 0xff, enc: FACTORY_KEY, mac: FACTORY_KEY, dek: FACTORY_KEY });
  const session = async () =>
    await openScp03(transmit, {
      keys,
      hostChallenge: Uint8Array.from(randomBytes(8)),
      securityLevel: C_MAC | C_DECRYPTION | R_MAC,
    });
  await exchangeOk(transmit, "SELECT", selectDefaultCommand());
  const aid = instanceAid(options.instance ?? 1);
  const domainSession = await session();
  await exchangeOk(
    domainSession.transmit,
    "INSTALL",
    installCommand({ packageAid: PACKAGE_AID, moduleAid: instanceAid(1), instanceAid: aid }),
  );
  domainSession.close();
  await exchangeOk(transmit, "SELECT", selectCommand(aid));
  const appletSession = await session();
  const { transmit: secure } = appletSession;
  const must = async <T>(
    work: Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }>,
  ): Promise<T> => {
    const result = await work;
    if (!result.ok) throw new Error(result.message);
    return result.value;
  };
  await must(storeData(secure, storeDomainCommand(options.domain)));
  await must(
    storeData(
      secure,
      storeIssuerKeyCommand({ keyId: options.body.issuerKeyId, publicKey: uncompressKey(options.issuer.publicKey) }),
    ),
  );
  const card = addressOfKey(await must(generateKey(secure)));
  await must(storeData(secure, storeAddressCommand(card)));
  await must(storeData(secure, storeOwnerCommand(toAddress(new Uint8Array(20).fill(0x77)))));
  if (options.pin !== undefined) {
    const secrets = { pin: Uint8Array.from(options.pin), puk: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    await must(
      storeData(
        secure,
        storePinCommand((data) => appletSession.encryptSensitive(data), secrets),
      ),
    );
  }
  await must(open(secure));
  const signature = await options.issuer.sign(
    digestOf(encodeAllowance({ domain: options.domain, card, body: options.body })),
  );
  await must(updateAllowance(secure, { body: encodeAllowanceBody(options.body), signature }));
}
