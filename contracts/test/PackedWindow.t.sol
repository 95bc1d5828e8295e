// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../src/IVault.sol";
import {PackedVault} from "../src/PackedVault.sol";
import {PackedCard} from "../src/PackedCard.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title The packed vault's window and gap words (spec §7.7): what slides, what is written, what `advance` is for.
contract PackedWindowTest is Fixture {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }

    function setUp() public override {
        super.setUp();
        fund(card, 1_000_000);
    }

    /// The card's word stands at the slot that its address names.
    function word() private view returns (uint256) {
        return uint256(vm.load(address(vault), bytes32(uint256(uint160(card)))));
    }

    function base() private view returns (uint256) {
        return PackedCard.base(word());
    }

    function settleRun(uint32 first, uint32 last) private {
        bytes[] memory items = new bytes[](last - first + 1);
        for (uint32 i = 0; i < items.length; ++i) items[i] = item(voucher(first + i, 1));
        bytes memory result = vault.settle(payload(MERCHANT, card, items));
        for (uint32 i = 0; i < items.length; ++i) vm.assertTrue((uint8(result[i / 8]) >> (i % 8)) & 1 == 1);
    }

    function advance(uint32 counter, uint256 maxWords) private {
        bytes memory message = messageOf(voucher(counter, 1));
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        vault.advance(message, r, vs, maxWords);
    }

    function advanceAs(uint32 counter, uint256 maxWords) external {
        advance(counter, maxWords);
    }

    /// The word as spec §7.7 draws it, and the merchant's.
    function test_storage_isAsTheSpecificationDrawsIt() public {
        settleRun(1, 2);
        vm.assertTrue(settle(voucher(122, 40)));
        bytes32 drawn = bytes32(
            bytes.concat(
                bytes6(uint48(1_000_000 - 42)),
                bytes6(uint48(42)),
                bytes4(uint32(2)),
                bytes1(0),
                // Counter 122 is the last of the window above 2.
                bytes15(uint120(1) << 119)
            )
        );
        vm.assertEq(vm.load(address(vault), bytes32(uint256(uint160(card)))), drawn);
        (uint128 earned, uint128 withdrawn) = vault.merchant(MERCHANT);
        vm.assertEq(earned, 42);
        vm.assertEq(withdrawn, 0);
    }

    /// However many vouchers: the card's word and the merchant's are all that is written while none is left out.
    function test_settle_writesNoSlotForAVoucher() public {
        vm.record();
        settleRun(1, 300);
        settleRun(301, 700);
        (, bytes32[] memory writes) = vm.accesses(address(vault));
        bytes32 first = bytes32(uint256(uint160(card)));
        bytes32 other = first;
        for (uint256 i = 0; i < writes.length; ++i) {
            if (other == first) other = writes[i];
            vm.assertTrue(writes[i] == first || writes[i] == other, "a third slot was written");
        }
        vm.assertEq(earnedBy(MERCHANT), 700);
    }

    function test_window_paysTheLastCounterInItAndTheFirstBeyond() public {
        vm.assertTrue(settle(voucher(120, 1)));
        vm.assertEq(base(), 0);
        vm.assertTrue(settle(voucher(121, 1)));
        vm.assertEq(base(), 1);
        vm.assertFalse(vault.isUsed(card, 1));
        vm.assertTrue(settle(voucher(1, 1)));
        vm.assertFalse(settle(voucher(1, 1)));
    }

    /// Of a full window only the first counter is left: no other one is paid again.
    function test_window_paysNothingTwiceWhereOnlyItsFirstIsLeft() public {
        settleRun(2, 120);
        for (uint32 counter = 2; counter <= 120; ++counter) vm.assertFalse(settle(voucher(counter, 1)));
        vm.assertEq(earnedBy(MERCHANT), 119);
        vm.assertTrue(settle(voucher(1, 1)));
        vm.assertEq(earnedBy(MERCHANT), 120);
    }

    function test_window_manyInOrderNeedNoGapWord() public {
        settleRun(1, 100);
        settleRun(101, 200);
        settleRun(201, 400);
        vm.assertEq(earnedBy(MERCHANT), 400);
        vm.assertGe(base(), 200);
        for (uint32 counter = 1; counter <= 400; ++counter) vm.assertTrue(vault.isUsed(card, counter));
        vm.assertFalse(vault.isUsed(card, 401));
        vm.assertFalse(vault.isUsed(card, 0));
    }

    /// A run of used counters from base on, an unused one, and behind it as `rest` says, in a window of 120.
    function windowOf(uint256 run, uint256 rest) private pure returns (uint256) {
        uint256 behind = run < 119 ? rest << (run + 1) : 0;
        return (behind | ((1 << run) - 1)) & ((1 << 120) - 1);
    }

    /// Over each run of used counters that there can be, base rises by its length, and nothing else changes.
    function test_fuzz_window_baseRisesOverEveryRun(uint256 slot, uint256 rest) public pure {
        for (uint256 run = 0; run <= 120; ++run) {
            // Base is low enough to rise.
            uint256 before = (slot & ~uint256((1 << 120) - 1) & ~uint256(1 << 159)) | windowOf(run, rest);
            uint256 expected = before;
            for (uint256 i = 0; i < run; ++i) {
                uint256 window = expected & ((1 << 120) - 1);
                expected = expected - window + (window >> 1) + (1 << 128);
            }
            vm.assertEq(PackedCard.settled(before), expected);
        }
    }

    /// The same in the hot loop, which raises base where a counter more than 20 above it is used.
    function test_window_theHotLoopRaisesBaseOverEveryRun() public {
        for (uint32 run = 0; run <= 120; ++run) {
            uint256 window = windowOf(run, (uint256(1) << 118) >> run);
            setBase(1_000);
            vm.store(address(vault), bytes32(uint256(uint160(card))), bytes32(word() | window));
            bool raises = window >> 20 != 0;
            vm.assertTrue(settle(voucher(1_001 + run, 1)));
            vm.assertEq(base(), raises ? 1_000 + run : 1_000);
            for (uint32 counter = 1_001; counter <= 1_001 + run; ++counter) vm.assertTrue(vault.isUsed(card, counter));
        }
    }

    function test_window_aGapStaysPayableForEver() public {
        settleRun(1, 4);
        settleRun(6, 254);
        settleRun(257, 700);
        vm.assertTrue(settle(voucher(5, 1)));
        vm.assertTrue(settle(voucher(255, 1)));
        vm.assertTrue(settle(voucher(256, 1)));
        vm.assertFalse(settle(voucher(5, 1)));
        vm.assertFalse(settle(voucher(256, 1)));
        vm.assertEq(earnedBy(MERCHANT), 700);
    }

    function test_window_aLateVoucherNeedsBalanceAndASignature() public {
        vm.assertTrue(settle(voucher(300, 1)));
        Voucher memory forged = voucher(7, 1);
        bytes[] memory items = new bytes[](3);
        items[0] = item(voucher(7, 2_000_000));
        forged.key = OTHER_CARD_KEY;
        items[1] = item(forged);
        items[2] = item(voucher(7, 1));
        vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"04");
    }

    /// Counters 1 … 255 fill the first word and 256 … 511 the second: with 511 leaving the window two words are written.
    function test_advance_isNeededPastTwoWordsOfUnpaidCounters() public {
        vm.assertFalse(settle(voucher(120 + 512, 1)));
        vm.assertTrue(settle(voucher(120 + 511, 1)));
        vm.assertEq(base(), 511);
    }

    function test_advance_letsAFarVoucherSettle() public {
        vm.assertFalse(settle(voucher(2_000, 5)));
        vm.assertFalse(vault.isUsed(card, 2_000));
        vm.assertEq(balanceOf(card), 1_000_000);
        advance(2_000, 3);
        vm.assertEq(base(), 767);
        advance(2_000, 1_000);
        vm.assertEq(base(), 1_880);
        vm.assertTrue(settle(voucher(2_000, 5)));
        // What it left behind is payable, at the ends of words too.
        uint32[6] memory late = [uint32(1), 255, 256, 767, 768, 1_880];
        for (uint256 i = 0; i < late.length; ++i) {
            vm.assertTrue(settle(voucher(late[i], 1)));
            vm.assertFalse(settle(voucher(late[i], 1)));
        }
    }

    function test_advance_goesNoFurtherThanTheVoucherNeeds() public {
        vm.expectRevert(IVault.NothingToAdvance.selector);
        this.advanceAs(120, 10);
        vm.expectRevert(IVault.NothingToAdvance.selector);
        this.advanceAs(631, 10);
        advance(632, 10);
        vm.assertEq(base(), 512);
        vm.expectRevert(IVault.NothingToAdvance.selector);
        this.advanceAs(632, 10);
    }

    function test_advance_needsTheCardsSignatureAndAnOpenCard() public {
        bytes memory message = messageOf(voucher(5_000, 1));
        (bytes32 r, bytes32 vs) = signBytes(0xbad, message);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotOpen.selector, vm.addr(0xbad)));
        vault.advance(message, r, vs, 9);
        vm.expectRevert(IVault.BadSignature.selector);
        vault.advance(message, bytes32(0), vs, 9);
        vm.expectRevert(IVault.MalformedMessage.selector);
        vault.advance(hex"00", r, vs, 9);
    }

    function test_release_revertsWithAdvanceAndWorksAfterIt() public {
        bytes memory message = messageOf(voucher(3_000, 9));
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        vm.startPrank(MERCHANT);
        vm.expectRevert(abi.encodeWithSelector(IVault.Advance.selector, card, 3_000));
        vault.release(message, r, vs);
        vault.advance(message, r, vs, 100);
        vault.release(message, r, vs);
        vm.stopPrank();
        vm.assertTrue(vault.isUsed(card, 3_000));
        vm.assertFalse(settle(voucher(3_000, 9)));
    }

    function test_executeVoid_revertsWithAdvanceAndWorksForAGap() public {
        bytes memory proof = messageOf(voucher(4_000, 9));
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, proof);
        vm.startPrank(OWNER);
        vault.requestVoid(card, 3_999, proof, r, vs);
        vault.requestVoid(card, 17, proof, r, vs);
        vm.warp(block.timestamp + 16 days);
        vm.expectRevert(abi.encodeWithSelector(IVault.Advance.selector, card, 3_999));
        vault.executeVoid(card, 3_999);
        vault.advance(proof, r, vs, 100);
        vault.executeVoid(card, 3_999);
        vault.executeVoid(card, 17);
        vm.stopPrank();
        vm.assertTrue(vault.isUsed(card, 17));
        vm.assertFalse(settle(voucher(17, 1)));
        vm.assertTrue(settle(voucher(18, 1)));
    }

    function test_largestCounter_isSkippedCheaplyAndNeverWraps() public {
        uint256 before = gasleft();
        vm.assertFalse(settle(voucher(type(uint32).max, 1)));
        vm.assertLe(before - gasleft(), 200_000);
        vm.expectRevert(abi.encodeWithSelector(IVault.Advance.selector, card, type(uint32).max));
        this.releaseLargest();
        advance(type(uint32).max, 1);
        vm.assertEq(base(), 255);
        vm.assertFalse(vault.isUsed(card, type(uint32).max));
    }

    /// A card whose base stands so high that the window reaches past the largest counter there is.
    function setBase(uint32 base_) private {
        uint256 next = (word() & ~uint256((1 << 160) - 1)) | (uint256(base_) << 128);
        vm.store(address(vault), bytes32(uint256(uint160(card))), bytes32(next));
    }

    /// The largest counters fill the window: paid and base, which stand above it, are not touched by a carry.
    function test_largestCounters_payOnceAndCarryIntoNothing() public {
        uint32 largest = type(uint32).max;
        setBase(largest - 10);
        vm.assertTrue(settle(voucher(largest, 1)));
        vm.assertFalse(settle(voucher(largest, 1)));
        settleRun(largest - 9, largest - 1);
        vm.assertFalse(settle(voucher(largest, 1)));
        vm.assertFalse(settle(voucher(0, 1)));
        vm.assertEq(paidOf(card), 10);
        vm.assertEq(balanceOf(card), 1_000_000 - 10);
        for (uint32 i = 0; i < 10; ++i) vm.assertTrue(vault.isUsed(card, largest - i));
        vm.assertFalse(vault.isUsed(card, 0));
    }

    /// The window slides to the very end over used and unpaid counters, and a gap there stays payable.
    function test_largestCounters_theWindowSlidesToTheEnd() public {
        uint32 largest = type(uint32).max;
        setBase(largest - 400);
        settleRun(largest - 399, largest - 280);
        vm.assertTrue(settle(voucher(largest - 130, 1)));
        vm.assertTrue(settle(voucher(largest, 1)));
        vm.assertEq(base(), largest - 120);
        vm.assertTrue(settle(voucher(largest - 150, 1)));
        vm.assertFalse(settle(voucher(largest - 150, 1)));
        settleRun(largest - 119, largest - 1);
        vm.assertFalse(settle(voucher(largest, 1)));
        vm.assertEq(paidOf(card), 120 + 1 + 1 + 1 + 119);
    }

    /// A call that may write no word moves over used counters only, and takes nothing from anybody.
    function test_advance_withNoWordToWriteWritesNone() public {
        settleRun(1, 3);
        advance(2_000, 0);
        vm.assertEq(base(), 3);
        for (uint32 counter = 1; counter < 4; ++counter) vm.assertTrue(vault.isUsed(card, counter));
        vm.assertFalse(vault.isUsed(card, 4));
        advance(2_000, 1);
        vm.assertEq(base(), 255);
        vm.assertTrue(settle(voucher(4, 1)));
    }

    /// Another card's voucher, a counter that was used and one beneath the base give nothing to advance.
    function test_advance_usedAndLateCountersHaveNothingToAdvance() public {
        advance(2_000, 64);
        vm.assertTrue(settle(voucher(2_000, 1)));
        uint32[3] memory counters = [uint32(0), 5, 2_000];
        for (uint256 i = 0; i < counters.length; ++i) {
            vm.expectRevert(IVault.NothingToAdvance.selector);
            this.advanceAs(counters[i], 10);
        }
    }

    function releaseLargest() external {
        bytes memory message = messageOf(voucher(type(uint32).max, 1));
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        vm.prank(MERCHANT);
        vault.release(message, r, vs);
    }

    /// A hostile card jumps as far as it can with each voucher: each item writes two words at most, and harms only its own batch.
    function test_hostileGapSpraying_isBoundedByTwoWordsAnItem() public {
        bytes[] memory items = new bytes[](5);
        for (uint32 i = 0; i < 5; ++i) items[i] = item(voucher(631 + 512 * i, 1));
        bytes memory made = payload(MERCHANT, card, items);
        uint256 before = gasleft();
        bytes memory result = vault.settle(made);
        uint256 used = before - gasleft();
        vm.assertEq(result, hex"1f");
        vm.assertLe(used, 5 * (2 * 22_100 + 20_000) + 60_000);
        vm.assertTrue(settle(voucher(1, 1)));
        vm.assertTrue(settle(voucher(2_000, 1)));
    }

    function test_flagged_cardsWordKeepsItsFlagWhilePaying() public {
        IVault.SignedMessage memory a = signed(CARD_KEY, messageOf(voucher(9, 1)));
        IVault.SignedMessage memory b = signed(CARD_KEY, messageOf(voucher(9, 2)));
        vault.proveEquivocation(a, b);
        settleRun(1, 150);
        vm.assertTrue(isFlagged(card));
        vm.assertTrue(settle(voucher(500, 1)));
        vm.assertTrue(isFlagged(card));
    }

    /// With more than 2^47 units plain code decides for the card, and decides alike.
    function test_largeAmounts_leaveTheHotLoopAndPay() public {
        uint48 large = 1 << 47;
        token.mint(ISSUER, uint256(large) * 2);
        fund(card, large);
        vm.assertTrue(settle(voucher(1, 5)));
        vm.assertTrue(settle(voucher(2, large)));
        vm.assertTrue(settle(voucher(3, 5)));
        vm.assertEq(paidOf(card), uint256(large) + 10);
        vm.assertFalse(settle(voucher(4, type(uint48).max)));
    }

    /// What a card has paid in all has 48 bits: an item beyond is skipped, though its balance covers it, and the last one is not.
    function test_largeAmounts_skipWhatPaidCannotHold() public {
        uint48 large = 1 << 47;
        token.mint(ISSUER, uint256(large) * 2 * SCALE);
        fund(card, large);
        vm.assertTrue(settle(voucher(1, large - 1)));
        fund(card, large);
        uint256 left = balanceOf(card);
        vm.assertFalse(settle(voucher(2, large + 1)));
        vm.assertEq(paidOf(card), large - 1);
        vm.assertEq(balanceOf(card), left);
        vm.assertTrue(settle(voucher(2, large)));
        vm.assertEq(paidOf(card), type(uint48).max);
    }
}
