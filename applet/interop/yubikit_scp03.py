"""Opens SCP03 channels to a card with a client that is not ours: yubikit, over pyscard and PC/SC.

Use a fresh virtual card on the first reader, and a virtual environment of your own:

    python3 -m venv venv && venv/bin/pip install yubikey-manager==5.9.2 pyscard==2.3.1
    venv/bin/python applet/interop/yubikit_scp03.py

yubikit opens channels at level 33: C-MAC, C-DECRYPTION, R-MAC, R-ENCRYPTION. The last line is "interop: ok".
"""

import sys
import time

from smartcard.Exceptions import CardConnectionException, NoCardException
from smartcard.System import readers
from yubikit.core import TRANSPORT
from yubikit.core.smartcard import ApduError, SmartCardConnection, SmartCardProtocol
from yubikit.core.smartcard.scp import KeyRef, Scp03KeyParams, StaticKeys

DOMAIN_AID = bytes.fromhex("a000000151000000")
APPLET_AID = bytes.fromhex("f054414c4c590001")
INSTALL = bytes.fromhex("07f054414c4c590008f054414c4c590001" "08f054414c4c590001" "01000000")
VOUCHER_DOMAIN = bytes(27) + b"\x01"
DEVELOPMENT_KEY = bytes.fromhex("404142434445464748494a4b4c4d4e4f")
CARD_WAIT_SECONDS = 10


class PcscConnection(SmartCardConnection):
    """A pyscard connection as yubikit wants it; PC/SC tells it nothing about transports."""

    def __init__(self, connection):
        self._pcsc = connection

    @property
    def transport(self):
        return TRANSPORT.USB

    def send_and_receive(self, apdu):
        data, sw1, sw2 = self._pcsc.transmit(list(apdu))
        return bytes(data), sw1 << 8 | sw2

    def close(self):
        self._pcsc.disconnect()


def connect():
    """The card on the first reader; a virtual card takes a moment to arrive."""
    deadline = time.monotonic() + CARD_WAIT_SECONDS
    connection = readers()[0].createConnection()
    while True:
        try:
            connection.connect()
            return connection
        except (NoCardException, CardConnectionException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def expect(name, actual, expected):
    if actual != expected:
        sys.exit(f"interop: {name} is {actual!r}, expected {expected!r}")
    print(f"interop: {name}")


def main():
    protocol = SmartCardProtocol(PcscConnection(connect()))
    keys = StaticKeys(DEVELOPMENT_KEY, DEVELOPMENT_KEY, DEVELOPMENT_KEY)
    channel = Scp03KeyParams(KeyRef(0x01, 0xFF), keys)

    protocol.select(DOMAIN_AID)
    protocol.init_scp(channel)
    status = protocol.send_apdu(0x80, 0xF2, 0x80, 0x02, bytes.fromhex("4f00"))
    expect("GET STATUS names the issuer security domain", status[2:12], b"\x4f\x08" + DOMAIN_AID)
    information = protocol.send_apdu(0x00, 0xCA, 0x00, 0xE0)
    expect("GET DATA E0 lists three AES-128 keys of version FF", information, bytes.fromhex("e012c00401ff8810c00402ff8810c00403ff8810"))
    expect("INSTALL of the applet", protocol.send_apdu(0x80, 0xE6, 0x0C, 0x00, INSTALL), b"\x00")

    protocol.select(APPLET_AID)
    protocol.init_scp(channel)
    protocol.send_apdu(0x80, 0xE2, 0x88, 0x00, bytes.fromhex("7f021c") + VOUCHER_DOMAIN)
    key = protocol.send_apdu(0x80, 0x46, 0x00, 0x00)
    expect("GENERATE KEY answers the key that GET DATA reads", protocol.send_apdu(0x80, 0xCA, 0xDF, 0x07), key)
    try:
        protocol.send_apdu(0x80, 0xCA, 0xDF, 0x05)
        sys.exit("interop: an owner that was never stored was read")
    except ApduError as refusal:
        expect("an absent object is 6A88", refusal.sw, 0x6A88)
    expect("the channel goes on after a refusal", protocol.send_apdu(0x80, 0xCA, 0xDF, 0x03), VOUCHER_DOMAIN)
    print("interop: ok")


main()
