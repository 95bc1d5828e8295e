// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {DelegateFixture} from "../support/DelegateFixture.sol";

/// @title What a payee lets its delegates do, guard by guard (spec §7.11).
abstract contract DelegateSuite is DelegateFixture {
    // ---- what the payee sets --------------------------------------------------------------------------------------

    function test_setDelegate_isForTheSendersOwnEarnings() public {
        vm.expectEmit();
        emit IVault.DelegateSet(OTHER_MERCHANT, delegate, 7);
        vm.prank(OTHER_MERCHANT);
        vault.setDelegate(delegate, 7);
        (uint48 ofOther, , ) = vault.delegate(OTHER_MERCHANT, delegate);
        (uint48 ofFirst, uint48 used, uint32 day) = vault.delegate(MERCHANT, delegate);
        vm.assertEq(ofOther, 7);
        vm.assertEq(ofFirst, LIMIT);
        vm.assertEq(used + day, 0);
    }

    function test_setDelegate_refusesTheZeroAddress() public {
        vm.expectRevert(IVault.ZeroAddress.selector);
        vault.setDelegate(address(0), 1);
    }

    function test_setDelegate_refusesMoreThanUnitsCanBe() public {
        vault.setDelegate(delegate, type(uint48).max);
        vm.expectRevert(IVault.Overflow.selector);
        vault.setDelegate(delegate, uint256(type(uint48).max) + 1);
    }

    function test_setReserve_isTheSendersOwn() public {
        vm.expectEmit();
        emit IVault.ReserveSet(MERCHANT, 300);
        vm.prank(MERCHANT);
        vault.setReserve(300);
        vm.assertEq(vault.reserve(MERCHANT), 300);
        vm.assertEq(vault.reserve(OTHER_MERCHANT), 0);
    }

    function test_setReserve_refusesMoreThanUnitsCanBe() public {
        vault.setReserve(type(uint48).max);
        vm.expectRevert(IVault.Overflow.selector);
        vault.setReserve(uint256(type(uint48).max) + 1);
    }

    function keep(uint256 units) private {
        vm.prank(MERCHANT);
        vault.setReserve(units);
    }

    function test_reserve_isLeftByWhoeverElseWithdraws() public {
        keep(300);
        vm.assertEq(vault.withdraw(MERCHANT), 700);
        vm.expectRevert(IVault.NothingToWithdraw.selector);
        vault.withdraw(MERCHANT);
        keep(299);
        vm.assertEq(vault.withdraw(MERCHANT), 1);
        vm.assertEq(token.balanceOf(MERCHANT), 701 * SCALE);
    }

    function test_reserve_keepsNothingFromTheMerchantItself() public {
        keep(300);
        vm.prank(MERCHANT);
        vm.assertEq(vault.withdraw(MERCHANT), 1_000);
    }

    function test_reserve_keepsNothingFromWithdrawTo() public {
        keep(type(uint48).max);
        vm.prank(MERCHANT);
        vm.assertEq(vault.withdrawTo(OWNER), 1_000);
    }

    // ---- refundFor ------------------------------------------------------------------------------------------------

    function test_refundFor_movesUnitsFromEarningsToTheCard() public {
        vm.expectEmit();
        emit IVault.Refunded(MERCHANT, card, 300, 300);
        vm.expectEmit();
        emit IVault.Returned(MERCHANT, delegate, idOf(voucher(1, 1_000)), 300, uint32(block.timestamp / 1 days));
        vm.prank(ISSUER);
        succeeds(refundCall(order(300)));
        vm.assertEq(balanceOf(card), 9_300);
        vm.assertEq(paidOf(card), 1_000);
        vm.assertEq(withdrawnBy(MERCHANT), 300);
        vm.assertEq(vault.returned(idOf(voucher(1, 1_000))), 300);
        vm.assertEq(usedOf(MERCHANT, delegate), 300);
        vm.assertEq(token.balanceOf(address(vault)), 10_000 * SCALE);
    }

    function test_refundFor_movesTheDifferenceToWhatWasGivenBackBefore() public {
        succeeds(refundCall(order(3)));
        succeeds(refundCall(order(5)));
        vm.assertEq(balanceOf(card), 9_005);
        refuses(refundCall(order(5)), abi.encodeWithSelector(IVault.AlreadyReturned.selector, 5));
        refuses(refundCall(order(4)), abi.encodeWithSelector(IVault.AlreadyReturned.selector, 5));
    }

    function test_refundFor_givesNothingBackOfNothing() public {
        refuses(refundCall(order(0)), abi.encodeWithSelector(IVault.AlreadyReturned.selector, 0));
    }

    function test_refundFor_givesBackAtMostTheVouchersAmount() public {
        vm.prank(MERCHANT);
        vault.setDelegate(delegate, 2_000);
        refuses(refundCall(order(1_001)), abi.encodeWithSelector(IVault.MoreThanPaid.selector, 1_000));
        succeeds(refundCall(order(1_000)));
        vm.assertEq(balanceOf(card), 10_000);
    }

    function test_refundFor_isTakenUpToTheDeadline() public {
        Order memory o = order(1);
        bytes memory call = refundCall(o);
        vm.warp(uint256(o.deadline) + 1);
        refuses(call, abi.encodeWithSelector(IVault.Expired.selector, o.deadline));
        vm.warp(o.deadline);
        succeeds(call);
    }

    function test_refundFor_needsAUsedCounter() public {
        Order memory o = order(1);
        o.voucher = voucher(2, 10);
        refuses(refundCall(o), abi.encodeWithSelector(IVault.CounterUnused.selector, 2));
        vm.assertTrue(settle(o.voucher));
        succeeds(refundCall(o));
    }

    function test_refundFor_takesFromEarningsAlone() public {
        token.mint(MERCHANT, 5_000);
        vm.startPrank(MERCHANT);
        token.approve(address(vault), type(uint256).max);
        vault.setReserve(99);
        vm.stopPrank();
        vault.withdraw(MERCHANT);
        refuses(refundCall(order(100)), abi.encodeWithSelector(IVault.TooLittleEarned.selector, 99));
        succeeds(refundCall(order(99)));
    }

    function test_refundFor_isForDelegatesAlone() public {
        Order memory o = order(1);
        o.signer = CARD_KEY;
        refuses(refundCall(o), abi.encodeWithSelector(IVault.NotDelegate.selector, card));
        vm.prank(MERCHANT);
        vault.setDelegate(delegate, 0);
        refuses(refundCall(order(1)), abi.encodeWithSelector(IVault.NotDelegate.selector, delegate));
    }

    function test_refundFor_isBoundedByTheDaysLimit() public {
        refuses(refundCall(order(501)), abi.encodeWithSelector(IVault.OverDayLimit.selector, LIMIT, 0));
        succeeds(refundCall(order(499)));
        refuses(refundCall(order(501)), abi.encodeWithSelector(IVault.OverDayLimit.selector, LIMIT, 499));
        succeeds(refundCall(order(500)));
        refuses(refundCall(order(501)), abi.encodeWithSelector(IVault.OverDayLimit.selector, LIMIT, 500));
    }

    function test_refundFor_hasANewLimitOnTheNextDay() public {
        uint256 end = (block.timestamp / 1 days) * 1 days + 1 days;
        Order memory o = order(1_000);
        o.deadline = uint32(end);
        succeeds(refundCall(order(500)));
        vm.warp(end - 1);
        refuses(refundCall(o), abi.encodeWithSelector(IVault.OverDayLimit.selector, LIMIT, 500));
        vm.warp(end);
        succeeds(refundCall(o));
        (, uint48 used, uint32 day) = vault.delegate(MERCHANT, delegate);
        vm.assertEq(used, 500);
        vm.assertEq(day, end / 1 days);
    }

    function test_setDelegate_anewLeavesTheSumOfTheDay() public {
        succeeds(refundCall(order(400)));
        vm.startPrank(MERCHANT);
        vault.setDelegate(delegate, 0);
        vault.setDelegate(delegate, 500);
        vm.stopPrank();
        refuses(refundCall(order(501)), abi.encodeWithSelector(IVault.OverDayLimit.selector, 500, 400));
        vm.prank(MERCHANT);
        vault.setDelegate(delegate, 300);
        refuses(refundCall(order(401)), abi.encodeWithSelector(IVault.OverDayLimit.selector, 300, 400));
    }

    function test_refundFor_refusesAnUnopenedCard() public {
        Order memory o = order(1);
        o.voucher.key = 0xf4e54;
        refuses(refundCall(o), abi.encodeWithSelector(IVault.NotOpen.selector, vm.addr(0xf4e54)));
    }

    function test_refundFor_refusesAFlaggedCard() public {
        vault.proveEquivocation(signed(CARD_KEY, messageOf(voucher(9, 1))), signed(CARD_KEY, messageOf(voucher(9, 2))));
        refuses(refundCall(order(1)), abi.encodeWithSelector(IVault.Flagged.selector, card));
    }

    function test_refundFor_refusesACardThatWouldOverflow() public {
        token.mint(ISSUER, type(uint48).max);
        fund(card, type(uint48).max - 9_000);
        refuses(refundCall(order(1)), IVault.Overflow.selector);
    }

    function test_refundFor_refusesAMessageOfAnotherForm() public {
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, hex"00");
        refuses(
            abi.encodeCall(IVault.refundFor, (hex"00", r, vs, 1, type(uint32).max, r, vs)),
            IVault.MalformedMessage.selector
        );
    }

    // ---- releaseFor -----------------------------------------------------------------------------------------------

    function test_releaseFor_usesTheCounterForNothing() public {
        Reversal memory x = reversal(voucher(2, 100));
        bytes memory call = releaseCall(x);
        vm.expectEmit();
        emit IVault.Released(card, MERCHANT, 2, 100);
        vm.expectEmit();
        emit IVault.Returned(MERCHANT, delegate, idOf(x.voucher), 100, uint32(block.timestamp / 1 days));
        vm.prank(ISSUER);
        succeeds(call);
        vm.assertTrue(vault.isUsed(card, 2));
        vm.assertFalse(settle(x.voucher));
        vm.assertEq(balanceOf(card), 9_000);
        vm.assertEq(withdrawnBy(MERCHANT), 0);
        vm.assertEq(usedOf(MERCHANT, delegate), 100);
        refuses(call, abi.encodeWithSelector(IVault.CounterUsed.selector, 2));
    }

    function test_releaseFor_countsInTheSumOfTheDay() public {
        succeeds(refundCall(order(400)));
        bytes memory over = releaseCall(reversal(voucher(2, 101)));
        refuses(over, abi.encodeWithSelector(IVault.OverDayLimit.selector, LIMIT, 400));
        succeeds(releaseCall(reversal(voucher(2, 100))));
        refuses(refundCall(order(401)), abi.encodeWithSelector(IVault.OverDayLimit.selector, LIMIT, 500));
    }

    function test_releaseFor_isForDelegatesAlone() public {
        Reversal memory x = reversal(voucher(2, 100));
        x.signer = CARD_KEY;
        refuses(releaseCall(x), abi.encodeWithSelector(IVault.NotDelegate.selector, card));
    }

    function test_releaseFor_refusesAnotherCardsKey() public {
        Reversal memory x = reversal(voucher(2, 100));
        Voucher memory other = voucher(2, 100);
        other.key = OTHER_CARD_KEY;
        Reversal memory y = reversal(other);
        (x.object, x.y) = (y.object, y.y);
        refuses(releaseCall(x), IVault.OtherVoucher.selector);
    }

    function test_releaseFor_refusesAnotherCounterPayeeAndAmount() public {
        // The last byte of each, in the PAY request behind the card key.
        uint256[3] memory places = [uint256(76), 96, 102];
        for (uint256 i = 0; i < places.length; ++i) {
            Reversal memory x = reversal(voucher(2, 100));
            x.object[places[i]] ^= 0x01;
            refuses(releaseCall(x), IVault.OtherVoucher.selector);
        }
    }

    function test_releaseFor_refusesAReversalOfAnotherForm() public {
        Reversal memory x = reversal(voucher(2, 100));
        bytes memory whole = x.object;
        x.object = bytes.concat(whole, hex"00");
        refuses(releaseCall(x), IVault.MalformedMessage.selector);
        x.object = bytes.concat(whole);
        x.object[3] = "Y";
        refuses(releaseCall(x), IVault.MalformedMessage.selector);
        // Of another chain, of another vault.
        for (uint256 place = 11; place < 32; place += 20) {
            x.object = bytes.concat(whole);
            x.object[place] ^= 0x01;
            refuses(releaseCall(x), IVault.MalformedMessage.selector);
        }
        x.object = whole;
        succeeds(releaseCall(x));
    }

    function test_releaseFor_refusesAnUnopenedCard() public {
        Voucher memory v = voucher(2, 100);
        v.key = 0xf4e54;
        refuses(releaseCall(reversal(v)), abi.encodeWithSelector(IVault.NotOpen.selector, vm.addr(0xf4e54)));
    }

    function test_releaseFor_refusesCounterZero() public {
        refuses(releaseCall(reversal(voucher(0, 100))), abi.encodeWithSelector(IVault.CounterUsed.selector, 0));
    }

    /// As the payee's own release: it gives nothing to the card.
    function test_releaseFor_releasesAVoucherOfAFlaggedCard() public {
        vault.proveEquivocation(signed(CARD_KEY, messageOf(voucher(9, 1))), signed(CARD_KEY, messageOf(voucher(9, 2))));
        succeeds(releaseCall(reversal(voucher(2, 100))));
        vm.assertTrue(vault.isUsed(card, 2));
    }

    // ---- what was given back --------------------------------------------------------------------------------------

    function test_returned_isAllOfAReleasedVoucher() public {
        Reversal memory x = reversal(voucher(2, 100));
        succeeds(releaseCall(x));
        vm.assertEq(vault.returned(idOf(x.voucher)), 100);
        Order memory o = order(100);
        o.voucher = x.voucher;
        refuses(refundCall(o), abi.encodeWithSelector(IVault.AlreadyReturned.selector, 100));
    }

    function test_returned_isAllOfWhatThePayeeReleased() public {
        Voucher memory v = voucher(2, 100);
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, messageOf(v));
        bytes memory message = messageOf(v);
        vm.expectEmit();
        emit IVault.Released(card, MERCHANT, 2, 100);
        vm.expectEmit();
        emit IVault.Returned(MERCHANT, address(0), idOf(v), 100, uint32(block.timestamp / 1 days));
        vm.prank(MERCHANT);
        vault.release(message, r, vs);
        Order memory o = order(100);
        o.voucher = v;
        refuses(refundCall(o), abi.encodeWithSelector(IVault.AlreadyReturned.selector, 100));
    }

    /// Whatever is ordered of a payment: all that is given back of it is the highest total, and never more than was paid.
    function test_fuzz_refundFor_givesBackTheHighestTotal(uint48[8] memory totals) public {
        vm.prank(MERCHANT);
        vault.setDelegate(delegate, type(uint48).max);
        uint256 highest = 0;
        for (uint256 i = 0; i < totals.length; ++i) {
            uint48 total = totals[i] % 1_100;
            (bool done, ) = address(vault).call(refundCall(order(total)));
            vm.assertTrue(done == (total > highest && total <= 1_000));
            if (done) highest = total;
        }
        vm.assertEq(vault.returned(idOf(voucher(1, 1_000))), highest);
        vm.assertEq(balanceOf(card), 9_000 + highest);
        vm.assertEq(withdrawnBy(MERCHANT), highest);
    }

    /// Refunds and releases at any times: the sums of days stay within the limit, and any 24 hours within two.
    function test_fuzz_delegate_staysWithinItsLimits(uint32[12] memory waits, uint48[12] memory amounts) public {
        uint256[12] memory times;
        uint256[12] memory given;
        vm.assertTrue(settle(voucher(40, 8_000)));
        uint48 total = 0;
        for (uint256 i = 0; i < waits.length; ++i) {
            vm.warp(block.timestamp + (waits[i] % 14 hours));
            uint48 amount = 1 + (amounts[i] % 400);
            Order memory o = order(total + amount);
            o.voucher = voucher(40, 8_000);
            bytes memory call = i % 3 == 0 ? releaseCall(reversal(voucher(uint32(2 + i), amount))) : refundCall(o);
            bool fits = usedOf(MERCHANT, delegate) + amount <= LIMIT;
            (bool done, ) = address(vault).call(call);
            vm.assertTrue(done == fits);
            if (!done) continue;
            if (i % 3 != 0) total += amount;
            (times[i], given[i]) = (block.timestamp, amount);
            uint256 inADay = 0;
            for (uint256 k = 0; k <= i; ++k) if (times[k] + 1 days > block.timestamp) inADay += given[k];
            vm.assertLe(inADay, 2 * LIMIT);
        }
    }
}
