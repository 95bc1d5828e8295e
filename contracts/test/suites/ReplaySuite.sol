// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {TestDollar} from "../../src/testing/TestDollar.sol";
import {Fixture} from "../support/Fixture.sol";

/// @title Signatures that were made for something else, or are almost right (spec §7.1): another chain, another vault, another token,
/// another form of the same signature, another object.
abstract contract ReplaySuite is Fixture {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function setUp() public override {
        super.setUp();
        fund(card, 1_000);
    }

    // ---- elsewhere ------------------------------------------------------------------------------------------------

    /// Everything that a card signed for this vault, tried there. All of it is good here.
    function refusesAll(IVault elsewhere) private {
        bytes memory message = messageOf(voucher(1, 10));
        bytes memory second = messageOf(voucher(1, 11));
        bytes memory proof = bytes.concat("TLYP", domain(), bytes16(0), bytes4(uint32(9)), new bytes(43));
        bytes memory made = payload(voucher(1, 10));
        address fresh = vm.addr(0xf4e54);
        (bytes32 r, bytes32 vs) = signBytes(0xf4e54, bytes.concat("TLYO", domain(), bytes20(OWNER)));
        IVault.SignedMessage memory a = signed(CARD_KEY, message);
        IVault.SignedMessage memory b = signed(CARD_KEY, second);
        IVault.SignedMessage memory p = signed(CARD_KEY, proof);
        if (elsewhere == vault) vm.chainId(block.chainid + 1);
        vm.assertEq(elsewhere.settle(made), hex"00");
        refuses(elsewhere, abi.encodeCall(IVault.open, (fresh, OWNER, r, vs)), IVault.BadSignature.selector);
        bytes4 malformed = IVault.MalformedMessage.selector;
        vm.startPrank(MERCHANT);
        refuses(elsewhere, abi.encodeCall(IVault.release, (message, a.r, a.vs)), malformed);
        vm.stopPrank();
        refuses(elsewhere, abi.encodeCall(IVault.advance, (message, a.r, a.vs, 1)), malformed);
        refuses(elsewhere, abi.encodeCall(IVault.proveEquivocation, (a, b)), malformed);
        vm.startPrank(OWNER);
        refuses(elsewhere, abi.encodeCall(IVault.requestVoid, (card, 1, proof, p.r, p.vs)), malformed);
        vm.stopPrank();
        vm.assertFalse(elsewhere.isUsed(card, 1));
    }

    function refuses(IVault elsewhere, bytes memory call, bytes4 reason) private {
        (bool done, bytes memory answer) = address(elsewhere).call(call);
        vm.assertFalse(done);
        vm.assertEq(answer, abi.encodeWithSelector(reason));
    }

    function test_attack_replayOnAnotherVault() public {
        IVault other = deployVault(address(token), SCALE);
        IVault here = vault;
        vault = other;
        openCard(CARD_KEY, OWNER);
        vm.startPrank(ISSUER);
        token.approve(address(other), 1_000);
        other.fund(card, 1_000);
        vm.stopPrank();
        vault = here;
        refusesAll(other);
        vm.assertTrue(settle(voucher(1, 10)));
    }

    /// The vault names its token, so another token is another vault.
    function test_attack_replayOnAVaultOfAnotherToken() public {
        TestDollar cheap = new TestDollar();
        cheap.mint(ISSUER, 1_000);
        IVault other = deployVault(address(cheap), SCALE);
        IVault here = vault;
        vault = other;
        openCard(CARD_KEY, OWNER);
        vm.startPrank(ISSUER);
        cheap.approve(address(other), 1_000);
        other.fund(card, 1_000);
        vm.stopPrank();
        vault = here;
        refusesAll(other);
    }

    function test_attack_replayOnAnotherChain() public {
        refusesAll(vault);
    }

    // ---- another form of one signature ----------------------------------------------------------------------------

    /// Of all ways to write one signature with r, s, -r, -s, either parity and the order added, exactly one pays.
    function test_fuzz_attack_oneFormOfASignaturePays(uint48 amount, uint32 counter) public {
        Voucher memory v = voucher(1 + (counter % 100), 1 + (amount % 900));
        (uint8 parity, bytes32 r, bytes32 s) = vm.sign(CARD_KEY, sha256(messageOf(v)));
        uint256[3] memory rs = [uint256(r), ORDER - uint256(r), addWrapped(uint256(r))];
        uint256[3] memory ss = [uint256(s), ORDER - uint256(s), addWrapped(uint256(s))];
        uint256 paid = 0;
        for (uint256 i = 0; i < 18; ++i) {
            uint256 vs = (ss[(i / 3) % 3] & (type(uint256).max >> 1)) | ((i / 9) << 255);
            bytes[] memory items = new bytes[](1);
            items[0] = bytes.concat(bytes4(v.counter), bytes6(v.amount), v.context, bytes32(rs[i % 3]), bytes32(vs));
            uint256 id = vm.snapshotState();
            if (vault.settle(payload(MERCHANT, card, items))[0] == 0x01) {
                ++paid;
                vm.assertTrue(i % 9 == 0 && i / 9 == uint256(parity - 27));
            }
            vm.revertToState(id);
        }
        vm.assertEq(paid, 1);
    }

    function addWrapped(uint256 value) private pure returns (uint256 sum) {
        unchecked {
            sum = value + ORDER;
        }
    }

    /// The same forms at every other door that takes a card's signature.
    function test_attack_otherFormsAreRefusedAtEveryDoor() public {
        bytes memory message = messageOf(voucher(1, 10));
        bytes memory opening = bytes.concat("TLYO", domain(), bytes20(OWNER));
        for (uint256 i = 0; i < 4; ++i) {
            (bytes32 r, bytes32 vs) = otherForm(CARD_KEY, message, i);
            vm.prank(MERCHANT);
            refusesOrAnother(abi.encodeCall(IVault.release, (message, r, vs)));
            refusesOrAnother(abi.encodeCall(IVault.advance, (message, r, vs, 1)));
            IVault.SignedMessage memory good = signed(CARD_KEY, messageOf(voucher(1, 11)));
            IVault.SignedMessage memory bad = IVault.SignedMessage(message, r, vs);
            refuses(vault, abi.encodeCall(IVault.proveEquivocation, (good, bad)), IVault.BadSignature.selector);
            (r, vs) = otherForm(0xf4e54, opening, i);
            refuses(vault, abi.encodeCall(IVault.open, (vm.addr(0xf4e54), OWNER, r, vs)), IVault.BadSignature.selector);
        }
        vm.assertFalse(vault.isUsed(card, 1));
        vm.assertFalse(isFlagged(card));
    }

    /// High s, the other parity, s of zero, r of zero.
    function otherForm(uint256 key, bytes memory message, uint256 which) private pure returns (bytes32, bytes32) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, sha256(message));
        uint256 parity = v - 27;
        if (which == 0) return (r, bytes32((ORDER - uint256(s)) | ((1 - parity) << 255)));
        if (which == 1) return (r, bytes32(uint256(s) | ((1 - parity) << 255)));
        if (which == 2) return (r, bytes32(parity << 255));
        return (bytes32(0), bytes32(uint256(s) | (parity << 255)));
    }

    /// The other parity recovers some other address, which no card has.
    function refusesOrAnother(bytes memory call) private {
        (bool done, bytes memory answer) = address(vault).call(call);
        vm.assertFalse(done);
        vm.assertTrue(bytes4(answer) == IVault.BadSignature.selector || bytes4(answer) == IVault.NotOpen.selector);
    }

    // ---- after a good one -----------------------------------------------------------------------------------------

    /// Recoveries that fail stand right behind good ones of the same card, within a group, at the start of the next, and behind
    /// another card's: none finds the address that the recovery before left.
    function test_attack_aRecoveryThatFailsFindsNothingStale() public {
        fund(otherCard, 1_000);
        address[] memory payees = new address[](1);
        payees[0] = MERCHANT;
        bytes memory made = head(payees);
        uint32 counter = 0;
        for (uint256 g = 0; g < 3; ++g) {
            bytes[] memory items = new bytes[](9);
            for (uint256 i = 0; i < 9; ++i) {
                Voucher memory v = voucher(++counter, 1);
                if (g == 1) v.key = OTHER_CARD_KEY;
                items[i] = item(v);
                // The first of the second and third group, and every second of each, cannot be recovered.
                if (i % 2 == 1 || (g > 0 && i == 0)) unrecoverable(items[i], i / 2);
            }
            made = bytes.concat(made, group(0, vm.addr(g == 1 ? OTHER_CARD_KEY : CARD_KEY), items));
        }
        // 0101 0101 1, then 0 0101 0100 twice, low bit first.
        vm.assertEq(vault.settle(made), hex"55a95205");
        vm.assertEq(earnedBy(MERCHANT), 5 + 4 + 4);
    }

    /// r of no point, r of zero, r of the order, s of zero: ecrecover answers nothing.
    function unrecoverable(bytes memory item_, uint256 how) private pure {
        bytes32 r =
            how % 4 == 0
                ? bytes32(type(uint256).max)
                : how % 4 == 1
                    ? bytes32(0)
                    : bytes32(ORDER);
        for (uint256 i = 0; i < 32; ++i) {
            if (how % 4 == 3) item_[62 + i] = 0;
            else item_[30 + i] = r[i];
        }
    }

    /// An item whose signature is of the voucher before it.
    function test_attack_theSignatureOfTheItemBefore() public {
        bytes[] memory items = new bytes[](3);
        (items[0], items[1], items[2]) = (item(voucher(1, 10)), item(voucher(2, 10)), item(voucher(3, 10)));
        for (uint256 i = 30; i < 94; ++i) items[1][i] = items[0][i];
        vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"05");
        vm.assertFalse(vault.isUsed(card, 2));
    }

    function test_attack_anUnopenedCardPaysNothing() public {
        Voucher memory v = voucher(1, 1);
        v.key = 0xf4e54;
        vm.assertFalse(settle(v));
        vm.assertEq(earnedBy(MERCHANT), 0);
    }
}
