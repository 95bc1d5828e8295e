// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {Fixture} from "../support/Fixture.sol";
import {Vm} from "../support/Vm.sol";

/// @title settle: pays what is good, skips what is bad, harms nobody (spec §7.3).
abstract contract SettleSuite is Fixture {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function setUp() public override {
        super.setUp();
        fund(card, 1_000);
        fund(otherCard, 1_000);
    }

    function test_settle_paysAVoucherToItsPayee() public {
        vm.assertTrue(settle(voucher(1, 400)));
        vm.assertEq(balanceOf(card), 600);
        vm.assertEq(paidOf(card), 400);
        vm.assertEq(earnedBy(MERCHANT), 400);
        vm.assertTrue(vault.isUsed(card, 1));
        vm.assertFalse(vault.isUsed(card, 2));
    }

    function test_settle_paysACounterOnce() public {
        vm.assertTrue(settle(voucher(1, 400)));
        vm.assertFalse(settle(voucher(1, 400)));
        Voucher memory other = voucher(1, 5);
        other.payee = OTHER_MERCHANT;
        vm.assertFalse(settle(other));
        vm.assertEq(balanceOf(card), 600);
        vm.assertEq(earnedBy(OTHER_MERCHANT), 0);
    }

    function test_settle_paysTheSameVoucherOnceWithinOnePayload() public {
        bytes[] memory items = new bytes[](2);
        items[0] = items[1] = item(voucher(1, 400));
        vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"01");
        vm.assertEq(earnedBy(MERCHANT), 400);
    }

    function test_settle_takesCountersInAnyOrder() public {
        vm.assertTrue(settle(voucher(3, 1)));
        vm.assertTrue(settle(voucher(1, 1)));
        vm.assertTrue(settle(voucher(2, 1)));
        vm.assertEq(earnedBy(MERCHANT), 3);
    }

    function test_settle_aBadItemHarmsNoOther() public {
        bytes[] memory items = new bytes[](9);
        for (uint32 i = 0; i < 9; ++i) items[i] = item(voucher(i + 1, 10));
        // Each bad item stands behind a good one, where a stale output of ecrecover would be found.
        items[1][93] ^= 0x01;
        items[4][30] ^= 0x01;
        items[7] = item(voucher(1, 10));
        vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"6d01");
        vm.assertEq(earnedBy(MERCHANT), 60);
        vm.assertEq(balanceOf(card), 940);
        vm.assertFalse(vault.isUsed(card, 2));
    }

    function test_settle_paysManyCardsAndPayeesInOnePayload() public {
        address[] memory payees = new address[](3);
        (payees[0], payees[1], payees[2]) = (MERCHANT, OTHER_MERCHANT, MERCHANT);
        bytes memory made = head(payees);
        for (uint16 i = 0; i < 6; ++i) {
            Voucher memory v = voucher(i + 1, uint48(10) ** (i % 3));
            (v.key, v.payee) = (i % 2 == 0 ? CARD_KEY : OTHER_CARD_KEY, payees[i % 3]);
            bytes[] memory items = new bytes[](2);
            items[0] = item(v);
            v.counter += 50;
            items[1] = item(v);
            made = bytes.concat(made, group(i % 3, vm.addr(v.key), items));
        }
        vm.assertEq(vault.settle(made), hex"ff0f");
        // Payees 0 and 2 are one merchant: 4 × 1 + 4 × 100; payee 1 is paid 4 × 10.
        vm.assertEq(earnedBy(MERCHANT), 404);
        vm.assertEq(earnedBy(OTHER_MERCHANT), 40);
        vm.assertEq(paidOf(card) + paidOf(otherCard), 444);
    }

    function test_settle_tooLittleBalanceIsPaidLater() public {
        vm.assertFalse(settle(voucher(1, 1_001)));
        vm.assertFalse(vault.isUsed(card, 1));
        fund(card, 1);
        vm.assertTrue(settle(voucher(1, 1_001)));
        vm.assertEq(balanceOf(card), 0);
    }

    function test_settle_skipsZeroAmountPayeeCounterAndCard() public {
        vm.assertFalse(settle(voucher(1, 0)));
        vm.assertFalse(settle(voucher(0, 10)));
        Voucher memory nobody = voucher(1, 10);
        nobody.payee = address(0);
        vm.assertFalse(settle(nobody));
        bytes[] memory items = new bytes[](1);
        items[0] = item(voucher(1, 10));
        // A recovery that fails answers the zero address; it must not match a card that is zero.
        items[0][30] = 0xff;
        for (uint256 i = 31; i < 62; ++i) items[0][i] = 0xff;
        vm.assertEq(vault.settle(payload(MERCHANT, address(0), items)), hex"00");
    }

    function test_settle_skipsAChangedPayeeAmountCounterAndContext() public {
        bytes memory good = item(voucher(1, 10));
        bytes[] memory items = new bytes[](1);
        for (uint256 at = 3; at <= 29; at += 13) {
            items[0] = bytes.concat(good);
            items[0][at] ^= 0x01;
            vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"00");
        }
        items[0] = bytes.concat(good);
        vm.assertEq(vault.settle(payload(OTHER_MERCHANT, card, items)), hex"00");
        vm.assertEq(vault.settle(payload(MERCHANT, otherCard, items)), hex"00");
        vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"01");
    }

    function test_settle_skipsMalleatedSignatures() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(CARD_KEY, sha256(messageOf(voucher(1, 10))));
        uint256 parity = v - 27;
        uint256[4] memory others = [
            // high s, with the parity that would recover the card
            (ORDER - uint256(s)) | ((1 - parity) << 255),
            // the other parity
            uint256(s) | ((1 - parity) << 255),
            // s zero
            parity << 255,
            // s is the order
            ORDER
        ];
        bytes memory start = bytes.concat(bytes4(uint32(1)), bytes6(uint48(10)), voucher(1, 10).context);
        bytes[] memory items = new bytes[](1);
        for (uint256 i = 0; i < others.length; ++i) {
            items[0] = bytes.concat(start, r, bytes32(others[i]));
            vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"00");
        }
        bytes32[2] memory rs = [bytes32(0), bytes32(ORDER)];
        for (uint256 i = 0; i < rs.length; ++i) {
            items[0] = bytes.concat(start, rs[i], bytes32(uint256(s) | (parity << 255)));
            vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"00");
        }
        vm.assertTrue(settle(voucher(1, 10)));
    }

    function test_settle_skipsVouchersOfAnotherChainAndAnotherVault() public {
        bytes memory made = payload(voucher(1, 10));
        IVault other = deployVault(address(token), SCALE);
        vm.assertEq(other.settle(made), hex"00");
        vm.chainId(block.chainid + 1);
        vm.assertEq(vault.settle(made), hex"00");
    }

    function test_settle_refusesEveryTruncationBeforeAnyStateIsTouched() public {
        bytes memory whole = payload(voucher(1, 10));
        for (uint256 length = 0; length < whole.length; ++length) {
            // 86 bytes are roots and one payee: a whole payload without groups.
            if (length == 86) continue;
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; ++i) cut[i] = whole[i];
            vm.expectRevert(IVault.MalformedPayload.selector);
            vault.settle(cut);
        }
        vm.expectRevert(IVault.MalformedPayload.selector);
        vault.settle(bytes.concat(whole, hex"00"));
        vm.assertEq(balanceOf(card), 1_000);
    }

    function test_settle_refusesAnIndexAtTheCountAndAnEmptyGroup() public {
        bytes[] memory items = new bytes[](1);
        items[0] = item(voucher(1, 10));
        address[] memory payees = new address[](1);
        payees[0] = MERCHANT;
        vm.expectRevert(IVault.MalformedPayload.selector);
        vault.settle(bytes.concat(head(payees), group(0, card, items), group(1, card, items)));
        vm.expectRevert(IVault.MalformedPayload.selector);
        vault.settle(bytes.concat(head(payees), group(0, card, new bytes[](0))));
        vm.assertFalse(vault.isUsed(card, 1));
    }

    function test_settle_showsThePayloadUnlessAnAccountWithoutCodeSentIt() public {
        bytes memory made = payload(voucher(1, 10));
        vm.recordLogs();
        vm.prank(ISSUER, ISSUER);
        vault.settle(made);
        vm.prank(ISSUER, OWNER);
        vault.settle(made);
        // A delegation of EIP-7702: an account that starts transactions and has code.
        vm.etch(OTHER_MERCHANT, bytes.concat(hex"ef0100", bytes20(ISSUER)));
        vm.prank(OTHER_MERCHANT, OTHER_MERCHANT);
        vault.settle(made);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 3);
        bytes[3] memory shown = [bytes(""), made, made];
        for (uint256 i = 0; i < 3; ++i) {
            (bytes32 hash, bytes32 batchRoot, bytes32 ledgerRoot, bytes memory result, bytes memory data) = abi.decode(
                logs[i].data,
                (bytes32, bytes32, bytes32, bytes, bytes)
            );
            vm.assertEq(logs[i].topics[0], IVault.Settled.selector);
            vm.assertEq(hash, keccak256(made));
            vm.assertEq(uint256(batchRoot), 1);
            vm.assertEq(uint256(ledgerRoot), 2);
            vm.assertEq(result, i == 0 ? bytes(hex"01") : bytes(hex"00"));
            vm.assertEq(data, shown[i]);
        }
        vm.assertEq(logs[0].topics[1], bytes32(uint256(uint160(ISSUER))));
    }

    function test_settle_paidNeverOverflows() public {
        token.mint(ISSUER, uint256(type(uint48).max) * 2);
        fund(otherCard, type(uint48).max - 1_000);
        Voucher memory all = voucher(1, type(uint48).max);
        all.key = OTHER_CARD_KEY;
        vm.assertTrue(settle(all));
        Voucher memory more = voucher(2, 1);
        more.key = OTHER_CARD_KEY;
        // Neither with an odd nor with an even balance.
        for (uint256 held = 1; held <= 2; ++held) {
            fund(otherCard, 1);
            vm.assertFalse(settle(more));
            vm.assertEq(balanceOf(otherCard), held);
        }
    }

    function test_fuzz_settle_keepsTheSum(uint48[6] memory amounts, uint8 order) public {
        bytes[] memory items = new bytes[](6);
        uint256 expected = 0;
        uint256 left = 1_000;
        for (uint256 i = 0; i < 6; ++i) {
            uint256 which = (i + order) % 6;
            uint48 amount = amounts[which] % 400;
            items[i] = item(voucher(uint32(which + 1), amount));
            if (amount > 0 && amount <= left) {
                expected += amount;
                left -= amount;
            }
        }
        vault.settle(payload(MERCHANT, card, items));
        vm.assertEq(earnedBy(MERCHANT), expected);
        vm.assertEq(balanceOf(card), 1_000 - expected);
        vm.assertEq(paidOf(card), expected);
    }

    function test_fuzz_settle_arbitraryBytesNeverPay(bytes memory noise) public {
        try vault.settle(noise) {} catch {}
        vm.assertEq(balanceOf(card) + balanceOf(otherCard), 2_000);
    }
}
