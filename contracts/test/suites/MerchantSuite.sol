// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {HostileToken} from "../support/HostileToken.sol";
import {Fixture} from "../support/Fixture.sol";

/// @title What merchants do: withdraw, refund, release (spec §7.4).
abstract contract MerchantSuite is Fixture {
    function setUp() public override {
        super.setUp();
        fund(card, 1_000);
        settle(voucher(1, 600));
    }

    function test_withdraw_paysTheMerchantWhoeverCalls() public {
        vm.prank(OTHER_MERCHANT);
        vm.assertEq(vault.withdraw(MERCHANT), 600);
        vm.assertEq(token.balanceOf(MERCHANT), 600 * SCALE);
        vm.expectRevert(IVault.NothingToWithdraw.selector);
        vault.withdraw(MERCHANT);
    }

    function test_withdrawTo_isTheMerchantsAlone() public {
        vm.prank(OTHER_MERCHANT);
        vm.expectRevert(IVault.NothingToWithdraw.selector);
        vault.withdrawTo(OTHER_MERCHANT);
        vm.startPrank(MERCHANT);
        vm.expectRevert(IVault.ZeroAddress.selector);
        vault.withdrawTo(address(0));
        vm.assertEq(vault.withdrawTo(OTHER_MERCHANT), 600);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(OTHER_MERCHANT), 600 * SCALE);
    }

    function test_withdraw_aBlockedRecipientHarmsNobodyElse() public {
        HostileToken hostile = new HostileToken();
        vault = deployVault(address(hostile), SCALE);
        openCard(CARD_KEY, OWNER);
        vault.fund(card, 1_000);
        Voucher memory other = voucher(2, 100);
        other.payee = OTHER_MERCHANT;
        vm.assertTrue(settle(voucher(1, 100)));
        vm.assertTrue(settle(other));
        hostile.setBlocked(MERCHANT);
        vm.expectRevert();
        vault.withdraw(MERCHANT);
        vm.assertEq(vault.withdraw(OTHER_MERCHANT), 100);
        vm.prank(MERCHANT);
        vm.assertEq(vault.withdrawTo(ISSUER), 100);
    }

    function test_withdraw_aTokenThatCallsBackIsPaidOnce() public {
        HostileToken hostile = new HostileToken();
        vault = deployVault(address(hostile), SCALE);
        openCard(CARD_KEY, OWNER);
        vault.fund(card, 1_000);
        vm.assertTrue(settle(voucher(1, 100)));
        hostile.setCallback(address(vault), abi.encodeCall(IVault.withdraw, (MERCHANT)));
        vault.withdraw(MERCHANT);
        vm.assertFalse(hostile.callbackSucceeded());
        vm.assertEq(hostile.balanceOf(MERCHANT), 100 * SCALE);
    }

    function test_refund_takesEarningsFirstThenTokens() public {
        vm.prank(MERCHANT);
        vault.refund(card, 400);
        vm.assertEq(balanceOf(card), 800);
        vm.assertEq(token.balanceOf(address(vault)), 1_000 * SCALE);
        token.mint(MERCHANT, 1_000);
        vm.startPrank(MERCHANT);
        token.approve(address(vault), 1_000);
        vault.refund(card, 300);
        vm.stopPrank();
        vm.assertEq(balanceOf(card), 1_100);
        vm.assertEq(token.balanceOf(MERCHANT), 900);
        vm.expectRevert(IVault.NothingToWithdraw.selector);
        vault.withdraw(MERCHANT);
    }

    function test_refund_refusesZeroAndUnopened() public {
        vm.startPrank(MERCHANT);
        vm.expectRevert(IVault.ZeroAmount.selector);
        vault.refund(card, 0);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotOpen.selector, OTHER_MERCHANT));
        vault.refund(OTHER_MERCHANT, 1);
        vm.stopPrank();
    }

    function release(address sender, Voucher memory v) private {
        bytes memory message = messageOf(v);
        (bytes32 r, bytes32 vs) = signBytes(v.key, message);
        vm.prank(sender);
        vault.release(message, r, vs);
    }

    function test_release_usesTheCounterForNothing() public {
        release(MERCHANT, voucher(2, 100));
        vm.assertTrue(vault.isUsed(card, 2));
        vm.assertFalse(settle(voucher(2, 100)));
        vm.assertEq(balanceOf(card), 400);
    }

    function test_release_ofCounterZeroUsesNothing() public {
        vm.expectRevert(abi.encodeWithSelector(IVault.CounterUsed.selector, 0));
        this.releaseAs(MERCHANT, 0);
        vm.assertFalse(vault.isUsed(card, 0));
    }

    /// Anyone who has the message may not give it up, with the payee's or any other message.
    function test_release_cannotBeMadeByTheCardOrItsOwner() public {
        address[3] memory others = [card, OWNER, ISSUER];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IVault.NotPayee.selector, others[i]));
            this.releaseAs(others[i], 2);
        }
        vm.assertTrue(settle(voucher(2, 100)));
    }

    function test_release_isThePayeesAndOnce() public {
        vm.expectRevert(abi.encodeWithSelector(IVault.NotPayee.selector, OTHER_MERCHANT));
        this.releaseAs(OTHER_MERCHANT, 2);
        release(MERCHANT, voucher(2, 100));
        vm.expectRevert(abi.encodeWithSelector(IVault.CounterUsed.selector, 2));
        this.releaseAs(MERCHANT, 2);
        vm.expectRevert(abi.encodeWithSelector(IVault.CounterUsed.selector, 1));
        this.releaseAs(MERCHANT, 1);
    }

    /// An extra frame, so that expectRevert watches the vault's answer.
    function releaseAs(address sender, uint32 counter) external {
        release(sender, voucher(counter, 100));
    }

    function test_release_refusesAForgedSignatureAndAnUnopenedCard() public {
        bytes memory message = messageOf(voucher(2, 100));
        vm.startPrank(MERCHANT);
        vm.expectRevert(IVault.BadSignature.selector);
        vault.release(message, bytes32(0), bytes32(0));
        (bytes32 r, bytes32 vs) = signBytes(0xbad, message);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotOpen.selector, vm.addr(0xbad)));
        vault.release(message, r, vs);
        vm.stopPrank();
    }
}
