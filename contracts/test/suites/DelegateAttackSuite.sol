// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {DelegateFixture} from "../support/DelegateFixture.sol";
import {HighSignature} from "../support/HighSignature.sol";
import {HostileToken} from "../support/HostileToken.sol";

/// @title What somebody gains with a delegate's key, or with what a delegate signed, and what not (spec §7.11).
abstract contract DelegateAttackSuite is DelegateFixture {
    address private constant THIEF = address(0x741ef);

    /// A thief with the key gives true payments back, each once, within the limit; nothing comes to him.
    function test_attack_aStolenDelegateKeyGivesTruePaymentsBackOnce() public {
        vm.startPrank(THIEF);
        succeeds(refundCall(order(500)));
        refuses(refundCall(order(501)), abi.encodeWithSelector(IVault.OverDayLimit.selector, LIMIT, 500));
        vm.warp(block.timestamp + 1 days);
        succeeds(refundCall(order(1_000)));
        vm.warp(block.timestamp + 1 days);
        // All of it was given back.
        refuses(refundCall(order(1_000)), abi.encodeWithSelector(IVault.AlreadyReturned.selector, 1_000));
        refuses(refundCall(order(1_001)), abi.encodeWithSelector(IVault.MoreThanPaid.selector, 1_000));
        // The key is no payee's.
        vm.stopPrank();
        vm.startPrank(delegate);
        refuses(abi.encodeCall(IVault.withdrawTo, (THIEF)), IVault.NothingToWithdraw.selector);
        vault.setDelegate(THIEF, 1_000_000);
        vm.stopPrank();
        vm.assertEq(balanceOf(card), 10_000);
        vm.assertEq(token.balanceOf(THIEF) + token.balanceOf(delegate), 0);
    }

    /// Who sees an order, or keeps one, makes it happen once.
    function test_attack_aReplayedOrderMovesNothing() public {
        bytes memory call = refundCall(order(100));
        succeeds(call);
        vm.prank(THIEF);
        refuses(call, abi.encodeWithSelector(IVault.AlreadyReturned.selector, 100));
        bytes memory release = releaseCall(reversal(voucher(2, 100)));
        succeeds(release);
        refuses(release, abi.encodeWithSelector(IVault.CounterUsed.selector, 2));
        vm.assertEq(usedOf(MERCHANT, delegate), 200);
    }

    /// An older order that comes after a newer one takes nothing back.
    function test_attack_anOrderOvertakenByALaterOneMovesNothing() public {
        bytes memory older = refundCall(order(100));
        succeeds(refundCall(order(250)));
        refuses(older, abi.encodeWithSelector(IVault.AlreadyReturned.selector, 250));
        vm.assertEq(balanceOf(card), 9_250);
    }

    /// An order for one voucher says nothing about another one, with a higher total or of another amount.
    function test_attack_anOrderIsForItsVoucherItsTotalAndItsDeadline() public {
        vm.assertTrue(settle(voucher(2, 1_000)));
        bytes memory message = messageOf(voucher(1, 1_000));
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        Order memory o = order(100);
        (bytes32 r2, bytes32 vs2) = signBytes(DELEGATE_KEY, orderBytes(o));
        bytes memory other = messageOf(voucher(2, 1_000));
        (bytes32 otherR, bytes32 otherVs) = signBytes(CARD_KEY, other);
        bytes[4] memory calls = [
            abi.encodeCall(IVault.refundFor, (other, otherR, otherVs, 100, o.deadline, r2, vs2)),
            abi.encodeCall(IVault.refundFor, (message, r, vs, 101, o.deadline, r2, vs2)),
            abi.encodeCall(IVault.refundFor, (message, r, vs, 100, o.deadline + 1, r2, vs2)),
            abi.encodeCall(IVault.refundFor, (other, r, vs, 100, o.deadline, r2, vs2))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool done, bytes memory answer) = address(vault).call(calls[i]);
            vm.assertFalse(done);
            // The last has another card's address, which was never opened.
            bytes4 expected = i == 3 ? IVault.NotOpen.selector : IVault.NotDelegate.selector;
            vm.assertEq(bytes32(bytes4(answer)), bytes32(expected));
        }
        succeeds(abi.encodeCall(IVault.refundFor, (message, r, vs, 100, o.deadline, r2, vs2)));
    }

    /// A delegate of one payee orders nothing of what another one was paid.
    function test_attack_aDelegateGivesNothingBackOfAnotherPayee() public {
        Voucher memory v = voucher(2, 100);
        v.payee = OTHER_MERCHANT;
        vm.assertTrue(settle(v));
        Order memory o = order(1);
        o.voucher = v;
        refuses(refundCall(o), abi.encodeWithSelector(IVault.NotDelegate.selector, delegate));
        v = voucher(3, 100);
        v.payee = OTHER_MERCHANT;
        refuses(releaseCall(reversal(v)), abi.encodeWithSelector(IVault.NotDelegate.selector, delegate));
    }

    /// A card that signs what it never paid gets nothing back for it.
    function test_attack_anUnusedCounterGivesNothingBack() public {
        Order memory o = order(100);
        o.voucher = voucher(7, 5_000);
        refuses(refundCall(o), abi.encodeWithSelector(IVault.CounterUnused.selector, 7));
        o.voucher = voucher(0, 5_000);
        refuses(refundCall(o), abi.encodeWithSelector(IVault.CounterUnused.selector, 0));
    }

    /// Released and given back: a voucher's amount leaves nobody twice.
    function test_attack_aReleasedVoucherIsNotRefundedToo() public {
        Voucher memory v = voucher(2, 200);
        succeeds(releaseCall(reversal(v)));
        Order memory o = order(200);
        o.voucher = v;
        refuses(refundCall(o), abi.encodeWithSelector(IVault.AlreadyReturned.selector, 200));
        vm.assertEq(withdrawnBy(MERCHANT), 0);
    }

    /// Just before midnight and just after it: two limits, and not a unit more in the 24 hours.
    function test_attack_aDayBoundaryGivesTwoLimitsAtMost() public {
        uint256 midnight = (block.timestamp / 1 days + 1) * 1 days;
        vm.warp(midnight - 1);
        succeeds(refundCall(order(500)));
        vm.warp(midnight);
        succeeds(refundCall(order(1_000)));
        Voucher memory v = voucher(2, 1);
        vm.assertTrue(settle(v));
        for (uint256 time = midnight; time < midnight + 1 days; time += 6 hours - 1) {
            vm.warp(time);
            Order memory o = order(1);
            o.voucher = v;
            refuses(refundCall(o), abi.encodeWithSelector(IVault.OverDayLimit.selector, LIMIT, 500));
        }
    }

    /// A signature from which nothing is recovered is the zero address's, which is no delegate.
    function test_attack_theZeroSignerIsNoDelegate() public {
        vm.prank(MERCHANT);
        vm.expectRevert(IVault.ZeroAddress.selector);
        vault.setDelegate(address(0), LIMIT);
        Order memory o = order(1);
        bytes memory message = messageOf(o.voucher);
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        Reversal memory x = reversal(voucher(2, 100));
        bytes memory other = messageOf(x.voucher);
        (bytes32 otherR, bytes32 otherVs) = signBytes(CARD_KEY, other);
        bytes32[2][4] memory none = [
            [bytes32(0), bytes32(0)],
            [bytes32(type(uint256).max), vs],
            [r, bytes32(0)],
            [bytes32(ORDER_OF_THE_GROUP), vs]
        ];
        for (uint256 i = 0; i < none.length; ++i) {
            refuses(
                abi.encodeCall(IVault.refundFor, (message, r, vs, 1, o.deadline, none[i][0], none[i][1])),
                IVault.BadSignature.selector
            );
            refuses(
                abi.encodeCall(IVault.releaseFor, (other, otherR, otherVs, x.object, x.y, none[i][0], none[i][1])),
                IVault.BadSignature.selector
            );
            // The card's signature is as good as none.
            refuses(
                abi.encodeCall(IVault.refundFor, (message, none[i][0], none[i][1], 1, o.deadline, r, vs)),
                IVault.BadSignature.selector
            );
        }
    }

    /// The high form of a delegate's signature is no second one.
    function test_attack_theHighFormOfADelegatesSignatureIsRefused() public {
        Order memory o = order(1);
        bytes memory message = messageOf(o.voucher);
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        HighSignature.Forms memory by = HighSignature.over(sha256(orderBytes(o)));
        appoint(by.key);
        refuses(
            abi.encodeCall(IVault.refundFor, (message, r, vs, 1, o.deadline, by.r, by.high)),
            IVault.BadSignature.selector
        );
        succeeds(abi.encodeCall(IVault.refundFor, (message, r, vs, 1, o.deadline, by.r, by.low)));
        Reversal memory x = reversal(voucher(2, 100));
        message = messageOf(x.voucher);
        (r, vs) = signBytes(CARD_KEY, message);
        by = HighSignature.over(sha256(x.object));
        appoint(by.key);
        refuses(
            abi.encodeCall(IVault.releaseFor, (message, r, vs, x.object, x.y, by.r, by.high)),
            IVault.BadSignature.selector
        );
        succeeds(abi.encodeCall(IVault.releaseFor, (message, r, vs, x.object, x.y, by.r, by.low)));
    }

    function appoint(uint256 key) private {
        vm.prank(MERCHANT);
        vault.setDelegate(vm.addr(key), LIMIT);
    }

    /// The other parity is another signer's.
    function test_attack_theOtherParityIsAnotherSigner() public {
        Order memory o = order(1);
        bytes memory message = messageOf(o.voucher);
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        (bytes32 r2, bytes32 vs2) = signBytes(DELEGATE_KEY, orderBytes(o));
        vs2 ^= bytes32(uint256(1) << 255);
        (bool done, bytes memory answer) = address(vault).call(
            abi.encodeCall(IVault.refundFor, (message, r, vs, 1, o.deadline, r2, vs2))
        );
        vm.assertFalse(done);
        vm.assertEq(bytes32(bytes4(answer)), bytes32(IVault.NotDelegate.selector));
    }

    /// The key in a reversal is compressed, and the caller brings the other coordinate: neither a wrong one nor a wrong prefix passes.
    function test_attack_aLieAboutTheCardKeyInAReversal() public {
        Reversal memory x = reversal(voucher(2, 100));
        bytes32 y = x.y;
        x.y = bytes32(uint256(y) ^ 1);
        refuses(releaseCall(x), IVault.OtherVoucher.selector);
        x.y = bytes32(uint256(y) ^ 2);
        refuses(releaseCall(x), IVault.OtherVoucher.selector);
        // The other point with this x, which no card's address has.
        x.y = bytes32(0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f - uint256(y));
        refuses(releaseCall(x), IVault.OtherVoucher.selector);
        x.y = y;
        bytes1[4] memory prefixes = [bytes1(x.object[32] ^ 0x01), 0x04, 0x00, bytes1(uint8(x.object[32]) + 2)];
        bytes memory object = x.object;
        for (uint256 i = 0; i < prefixes.length; ++i) {
            x.object = bytes.concat(object);
            x.object[32] = prefixes[i];
            refuses(releaseCall(x), IVault.OtherVoucher.selector);
        }
        x.object = object;
        succeeds(releaseCall(x));
    }

    /// A terminal's signature over a reversal is no order, nor the other way round, nor one of another chain or vault.
    function test_attack_aDelegatesSignatureServesOnePurpose() public {
        bytes memory here = refundCall(order(1));
        IVault first = vault;
        vault = deployVault(address(token), SCALE);
        openCard(CARD_KEY, OWNER);
        vm.prank(MERCHANT);
        vault.setDelegate(delegate, LIMIT);
        refuses(here, IVault.MalformedMessage.selector);
        vault = first;
        vm.chainId(31_338);
        refuses(here, IVault.MalformedMessage.selector);
        vm.chainId(31_337);
        bytes memory message = messageOf(voucher(1, 1_000));
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        (bytes32 r2, bytes32 vs2) = signBytes(DELEGATE_KEY, reversal(voucher(1, 1_000)).object);
        (bool done, bytes memory answer) = address(vault).call(
            abi.encodeCall(IVault.refundFor, (message, r, vs, 1, type(uint32).max, r2, vs2))
        );
        vm.assertFalse(done);
        vm.assertEq(bytes32(bytes4(answer)), bytes32(IVault.NotDelegate.selector));
        succeeds(here);
    }

    /// A settlement that pays others' earnings out leaves the reserve, and what is beneath it; a refund can still be paid.
    function test_attack_withdrawingByOthersLeavesTheReserve() public {
        vm.prank(MERCHANT);
        vault.setReserve(400);
        vm.prank(THIEF);
        vm.assertEq(vault.withdraw(MERCHANT), 600);
        vm.prank(THIEF);
        refuses(abi.encodeCall(IVault.withdraw, (MERCHANT)), IVault.NothingToWithdraw.selector);
        succeeds(refundCall(order(150)));
        // 250 are left, beneath the reserve.
        vm.prank(THIEF);
        refuses(abi.encodeCall(IVault.withdraw, (MERCHANT)), IVault.NothingToWithdraw.selector);
        succeeds(refundCall(order(400)));
        refuses(refundCall(order(401)), abi.encodeWithSelector(IVault.TooLittleEarned.selector, 0));
    }

    /// A token that calls back finds both doors closed while tokens move.
    function test_attack_aReentrantTokenCannotGiveBackMeanwhile() public {
        HostileToken hostile = new HostileToken();
        vault = deployVault(address(hostile), SCALE);
        openCard(CARD_KEY, OWNER);
        vault.fund(card, 10_000);
        vm.assertTrue(settle(voucher(1, 1_000)));
        vm.prank(MERCHANT);
        vault.setDelegate(delegate, LIMIT);
        bytes[2] memory doors = [refundCall(order(100)), releaseCall(reversal(voucher(2, 100)))];
        for (uint256 i = 0; i < doors.length; ++i) {
            hostile.setCallback(address(vault), doors[i]);
            vault.fund(card, 1);
            vm.assertFalse(hostile.callbackSucceeded());
        }
        hostile.setCallback(address(vault), doors[0]);
        vm.assertEq(vault.withdraw(MERCHANT), 1_000);
        vm.assertFalse(hostile.callbackSucceeded());
        refuses(doors[0], abi.encodeWithSelector(IVault.TooLittleEarned.selector, 0));
        succeeds(doors[1]);
    }

    /// A flagged card gets nothing more, whatever a delegate signs.
    function test_attack_aFlaggedCardGetsNothingBack() public {
        bytes memory call = refundCall(order(100));
        vault.proveEquivocation(signed(CARD_KEY, messageOf(voucher(1, 1))), signed(CARD_KEY, messageOf(voucher(1, 2))));
        refuses(call, abi.encodeWithSelector(IVault.Flagged.selector, card));
        vm.assertEq(usedOf(MERCHANT, delegate), 0);
        vm.assertEq(vault.returned(idOf(voucher(1, 1_000))), 0);
    }

    /// An order that nobody sent in time is worth nothing afterwards, permanently.
    function test_attack_anExpiredOrderStaysExpired() public {
        Order memory o = order(100);
        bytes memory call = refundCall(o);
        uint256[3] memory times = [uint256(o.deadline) + 1, uint256(o.deadline) + 30 days, type(uint40).max];
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            refuses(call, abi.encodeWithSelector(IVault.Expired.selector, o.deadline));
        }
    }

    /// A copied card's other voucher of a used counter can be given back once too: the limit bounds it, and earnings pay it.
    function test_attack_aForkOfAPaidVoucherIsBoundedByTheLimit() public {
        Order memory o = order(500);
        o.voucher = voucher(1, 2_000);
        succeeds(refundCall(o));
        refuses(refundCall(order(1)), abi.encodeWithSelector(IVault.OverDayLimit.selector, LIMIT, 500));
        vm.assertEq(withdrawnBy(MERCHANT), 500);
    }
}
