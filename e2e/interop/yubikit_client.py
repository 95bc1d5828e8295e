"""Speaks SCP03 to a card with a client that is not ours: yubikit, over pyscard and PC/SC.

Run by `pnpm interop`, which puts a fresh virtual card on the reader named by the first argument. yubikit opens channels at
level 33 only: C-MAC, C-DECRYPTION, R-MAC and R-ENCRYPTION. The last line of standard output is the outcome as JSON.
"""

import json
import platform
import sys
import time
from importlib.metadata import version

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from smartcard.Exceptions import CardConnectionException, NoCardException
from smartcard.System import readers
from yubikit.core import TRANSPORT, BadResponseError
from yubikit.core.smartcard import ApduError, SmartCardConnection, SmartCardProtocol
from yubikit.core.smartcard.scp import KeyRef, Scp03KeyParams, StaticKeys
from yubikit.securitydomain import SecurityDomainSession

SCHEMA = "tallystick.interop/1"
DOMAIN_AID = bytes.fromhex("a000000151000000")
APPLET_AID = bytes.fromhex("f054414c4c590001")
INSTALL = bytes.fromhex("07f054414c4c590008f054414c4c590001" "08f054414c4c590001" "01000000")
VOUCHER_DOMAIN = bytes(27) + b"\x01"
CARD_NUMBER = bytes.fromhex("4508f0544c5901020304")
DEVELOPMENT_KEYS = StaticKeys(*[bytes.fromhex("404142434445464748494a4b4c4d4e4f")] * 3)
OTHER_KEYS = StaticKeys(*[bytes([value] * 16) for value in (0x11, 0x22, 0x33)])
FACTORY = Scp03KeyParams(KeyRef(0x01, 0xFF), DEVELOPMENT_KEYS)
REPLACED = Scp03KeyParams(KeyRef(0x01, 0x01), OTHER_KEYS)
# Three AES keys of 16 bytes and version FF, in the template E0 of GP Card Specification v2.3.1 §11.3.3.1.1.
FACTORY_KEY_INFORMATION = bytes.fromhex("e012c00401ff8810c00402ff8810c00403ff8810")
INS_EXTERNAL_AUTHENTICATE = 0x82
CARD_WAIT_SECONDS = 10


class PcscConnection(SmartCardConnection):
    """A pyscard connection as yubikit wants it. It keeps what went over the wire and can spoil the next message."""

    def __init__(self, connection):
        self._pcsc = connection
        self.exchanges = []
        self.spoil_next = None

    @property
    def transport(self):
        return TRANSPORT.USB

    def send_and_receive(self, apdu):
        spoil, self.spoil_next = self.spoil_next, None
        sent = list(apdu)
        if spoil == "command":
            sent[5] ^= 0x01
        data, sw1, sw2 = self._pcsc.transmit(sent)
        if spoil == "answer":
            data[0] ^= 0x01
        self.exchanges.append((bytes(sent), bytes(data), sw1 << 8 | sw2))
        return bytes(data), sw1 << 8 | sw2

    def close(self):
        self._pcsc.disconnect()


def connect(name):
    """The card on the named reader; a virtual card takes a moment to arrive."""
    deadline = time.monotonic() + CARD_WAIT_SECONDS
    while True:
        try:
            connection = next(reader for reader in readers() if str(reader) == name).createConnection()
            connection.connect()
            return PcscConnection(connection)
        except (StopIteration, NoCardException, CardConnectionException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class Domain(SecurityDomainSession):
    """yubikit's session with short APDUs; its own constructor takes every card for a YubiKey with extended ones."""

    def __init__(self, connection):
        self.protocol = SmartCardProtocol(connection)
        self.protocol.select(DOMAIN_AID)


class Checks:
    """What was tried and what came, in order; a failed check does not hide the ones after it."""

    def __init__(self):
        self.results = []

    def add(self, name, ok, detail):
        self.results.append({"name": name, "ok": bool(ok), "detail": detail})
        print(f"interop: {'ok' if ok else 'FAILED'}  {name}: {detail}", file=sys.stderr)

    def run(self, name, work):
        """`work` answers whether it is right and what to say about it; an exception is a failure."""
        try:
            ok, detail = work()
        except Exception as error:  # whatever a foreign client throws is an outcome to report
            ok, detail = False, f"{type(error).__name__}: {error}"
        self.add(name, ok, detail)


def refusal(work):
    """The status word by which the card refuses `work`; None if it does not."""
    try:
        work()
    except ApduError as error:
        return error.sw
    return None


def security_domain(checks, connection):
    domain = Domain(connection)

    def open_channel():
        domain.authenticate(FACTORY)
        sent = next(sent for sent, _, _ in reversed(connection.exchanges) if sent[1] == INS_EXTERNAL_AUTHENTICATE)
        return sent[0] == 0x84 and sent[2] == 0x33, f"EXTERNAL AUTHENTICATE asks for level {sent[2]:02X}"

    def get_status():
        plain = domain.protocol.send_apdu(0x80, 0xF2, 0x80, 0x02, bytes.fromhex("4f00"))
        sent, received, _ = connection.exchanges[-1]
        secured = sent[0] == 0x84 and len(received) % 16 == 8 and plain not in received
        return secured and plain[2:12] == b"\x4f\x08" + DOMAIN_AID, f"{len(plain)} bytes, {len(received)} on the wire"

    def get_data():
        information = domain.get_data(0xE0)
        return information == FACTORY_KEY_INFORMATION, f"read {information.hex()}"

    def store_data():
        domain.protocol.send_apdu(0x80, 0xE2, 0x80, 0x00, CARD_NUMBER)
        stored = domain.get_data(0x45)
        return stored == CARD_NUMBER, f"read back {stored.hex()}"

    checks.run("opens a channel with the security domain", open_channel)
    checks.run("GET STATUS", get_status)
    checks.run("GET DATA, key information E0", get_data)
    checks.run("STORE DATA, then GET DATA 45", store_data)
    checks.run("INSTALL of the applet", lambda: (domain.protocol.send_apdu(0x80, 0xE6, 0x0C, 0x00, INSTALL) == b"\x00", "00"))


def applet(checks, connection):
    protocol = SmartCardProtocol(connection)

    def personalize():
        protocol.select(APPLET_AID)
        protocol.init_scp(FACTORY)
        protocol.send_apdu(0x80, 0xE2, 0x88, 0x00, bytes.fromhex("7f021c") + VOUCHER_DOMAIN)
        stored = protocol.send_apdu(0x80, 0xCA, 0xDF, 0x03)
        return stored == VOUCHER_DOMAIN, f"read back {len(stored)} bytes"

    def generate_key():
        key = protocol.send_apdu(0x80, 0x46, 0x00, 0x00)
        return len(key) == 65 and protocol.send_apdu(0x80, 0xCA, 0xDF, 0x07) == key, "GET DATA DF07 reads the same key"

    def go_on_after_refusal():
        sw = refusal(lambda: protocol.send_apdu(0x80, 0xCA, 0xDF, 0x05))
        return sw == 0x6A88 and protocol.send_apdu(0x80, 0xCA, 0xDF, 0x03) == VOUCHER_DOMAIN, f"an absent object is {sw:04X}"

    checks.run("opens a channel with the applet; STORE DATA, then GET DATA DF03", personalize)
    checks.run("GENERATE KEY", generate_key)
    checks.run("the channel goes on after a refusal", go_on_after_refusal)


def encipher(key, mode, block):
    encryptor = Cipher(algorithms.AES(key), mode).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def check_value(key):
    """Three bytes by which a card confirms an AES key (GP Amendment D v1.1.2 §4.1.4)."""
    return encipher(key, modes.ECB(), b"\x01" * 16)[:3]


def key_block(key):
    """One AES key for PUT KEY: type, length, the key's own length, the key under the DEK, check value (§7.2)."""
    enciphered = encipher(DEVELOPMENT_KEYS.key_dek, modes.CBC(bytes(16)), key)
    return b"\x88\x11\x10" + enciphered + b"\x03" + check_value(key)


def replaced_keys(checks, connection):
    domain = Domain(connection)

    def put_key_as_yubikeys_want_it():
        domain.authenticate(FACTORY)
        sw = refusal(lambda: domain.put_key(KeyRef(0x01, 0x01), OTHER_KEYS))
        return sw == 0x6A80, f"{sw or 0x9000:04X}: the length of the key itself is missing"

    def put_key():
        check_values = b"".join(check_value(key) for key in OTHER_KEYS)
        answer = domain.protocol.send_apdu(0x80, 0xD8, 0x00, 0x81, b"\x01" + b"".join(key_block(key) for key in OTHER_KEYS))
        return answer == b"\x01" + check_values, "the card answers the same check values"

    def open_with_new_keys():
        Domain(connection).authenticate(REPLACED)
        return True, "version 01"

    def old_keys():
        session = Domain(connection)
        before = len(connection.exchanges)
        try:
            session.authenticate(Scp03KeyParams(KeyRef(0x01, 0x01), DEVELOPMENT_KEYS))
        except ValueError:
            # It stops before EXTERNAL AUTHENTICATE, so that none of the card's tries is spent.
            return len(connection.exchanges) == before + 1, "sends no EXTERNAL AUTHENTICATE"
        return False, "accepted"

    checks.run("refuses PUT KEY in YubiKey's own form and goes on", put_key_as_yubikeys_want_it)
    checks.run("PUT KEY", put_key)
    checks.run("opens a channel with the new keys", open_with_new_keys)
    checks.run("sees by the card's cryptogram that the old keys are wrong", old_keys)


def spoiled_messages(checks, connection):
    def spoiled_answer():
        domain = Domain(connection)
        domain.authenticate(REPLACED)
        connection.spoil_next = "answer"
        try:
            domain.get_data(0xE0)
        except BadResponseError as error:
            return str(error) == "Wrong MAC", str(error)
        return False, "accepted"

    def spoiled_command():
        domain = Domain(connection)
        domain.authenticate(REPLACED)
        connection.spoil_next = "command"
        first = refusal(lambda: domain.protocol.send_apdu(0x80, 0xF2, 0x80, 0x02, bytes.fromhex("4f00")))
        then = refusal(lambda: domain.get_data(0xE0))
        return first == 0x6982 and then is not None, f"{first or 0x9000:04X}, and {then or 0x9000:04X} for the next command"

    checks.run("the client refuses an answer with one bit changed", spoiled_answer)
    checks.run("the card refuses a command with one bit changed and closes the channel", spoiled_command)


def main(reader):
    connection = connect(reader)
    checks = Checks()
    security_domain(checks, connection)
    applet(checks, connection)
    replaced_keys(checks, connection)
    spoiled_messages(checks, connection)
    outcome = {
        "schema": SCHEMA,
        "ok": all(result["ok"] for result in checks.results),
        "yubikit": version("yubikey-manager"),
        "pyscard": version("pyscard"),
        "python": platform.python_version(),
        "checks": checks.results,
    }
    print(json.dumps(outcome))
    return 0 if outcome["ok"] else 1


sys.exit(main(sys.argv[1]))
