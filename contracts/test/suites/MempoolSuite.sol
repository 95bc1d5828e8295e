// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {HostileToken} from "../support/HostileToken.sol";
import {Fixture} from "../support/Fixture.sol";
import {TokenSignatures} from "../support/TokenSignatures.sol";

/// @title What somebody gains who sees a transaction before it is mined, loads one in advance, or blocks an address: nothing.
abstract contract MempoolSuite is Fixture {
    uint256 private constant HOLDER_KEY = 0x401de4;
    address private constant THIEF = address(0x741ef);
    uint256 private start;

    function setUp() public override {
        super.setUp();
        fund(card, 1_000);
        token.mint(vm.addr(HOLDER_KEY), 100);
        start = block.timestamp;
    }

    // ---- money in -------------------------------------------------------------------------------------------------

    /// A thief who copies a permit can only give the vault the allowance; whatever he funds, he pays himself.
    function test_attack_aCopiedPermitSpendsNothingOfTheHolders() public {
        address holder = vm.addr(HOLDER_KEY);
        TokenSignatures.Signature memory by = TokenSignatures.permit(token, HOLDER_KEY, address(vault), 100);
        vm.startPrank(THIEF);
        vm.expectRevert();
        vault.fundWithPermit(otherCard, 100, type(uint256).max, by.v, by.r, by.s);
        token.permit(holder, address(vault), 100, type(uint256).max, by.v, by.r, by.s);
        vm.expectRevert();
        vault.fund(otherCard, 100);
        vm.expectRevert();
        vault.refund(otherCard, 100);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(holder), 100);
        vm.assertEq(balanceOf(otherCard), 0);
    }

    /// An authorization works once, through the vault, for the card and the amount that it was made for.
    function test_attack_aCopiedAuthorizationFundsItsCardOnceOrNothing() public {
        address holder = vm.addr(HOLDER_KEY);
        bytes32 nonce = keccak256(abi.encodePacked(card, bytes32("salt")));
        TokenSignatures.Signature memory by = TokenSignatures.authorization(
            token,
            HOLDER_KEY,
            address(vault),
            100,
            nonce
        );
        uint256 end = type(uint256).max;
        vm.startPrank(THIEF);
        // Past the vault, the tokens would be nobody's.
        vm.expectRevert();
        token.receiveWithAuthorization(holder, address(vault), 100, 0, end, nonce, by.v, by.r, by.s);
        vm.expectRevert();
        token.transferWithAuthorization(holder, address(vault), 100, 0, end, nonce, by.v, by.r, by.s);
        vm.expectRevert();
        vault.fundWithAuthorization(card, 99, holder, "salt", 0, end, by.v, by.r, by.s);
        vm.expectRevert();
        vault.fundWithAuthorization(card, 100, THIEF, "salt", 0, end, by.v, by.r, by.s);
        vm.expectRevert();
        vault.fundWithAuthorization(card, 100, holder, "other", 0, end, by.v, by.r, by.s);
        vault.fundWithAuthorization(card, 100, holder, "salt", 0, end, by.v, by.r, by.s);
        vm.expectRevert();
        vault.fundWithAuthorization(card, 100, holder, "salt", 0, end, by.v, by.r, by.s);
        vm.stopPrank();
        vm.assertEq(balanceOf(card), 1_100);
        vm.assertEq(token.balanceOf(holder), 0);
    }

    // ---- loaded in advance ----------------------------------------------------------------------------------------

    /// Asked for while the card is empty, and kept until money comes: seven days after it is ripe it is nothing, and asking anew
    /// takes the whole delay again.
    function test_attack_aWithdrawalLoadedInAdvanceExpires() public {
        vm.startPrank(OWNER);
        vault.requestWithdrawal(otherCard, type(uint48).max);
        vm.warp(start + 16 days + 7 days + 1);
        vm.stopPrank();
        fund(otherCard, 500);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotRipe.selector, start + 16 days));
        vault.withdrawFromCard(otherCard);
        vault.requestWithdrawal(otherCard, 500);
        vm.warp(start + 23 days + 16 days);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotRipe.selector, start + 39 days + 1));
        vault.withdrawFromCard(otherCard);
        vm.stopPrank();
        vm.assertEq(balanceOf(otherCard), 500);
    }

    function stateProof(uint32 counter) private view returns (bytes memory) {
        return bytes.concat("TLYP", domain(), bytes16(0), bytes4(counter), bytes6(0), bytes4(0), hex"07", bytes32(0));
    }

    function requestVoid(uint32 counter) private {
        bytes memory proof = stateProof(counter);
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, proof);
        vm.prank(OWNER);
        vault.requestVoid(card, counter, proof, r, vs);
    }

    /// Whichever is mined first counts, and the other does nothing; a void that lost cannot be asked for again.
    function test_attack_aVoidRacesASettlementBothWays() public {
        requestVoid(1);
        requestVoid(2);
        vm.warp(start + 16 days);
        vm.assertTrue(settle(voucher(1, 10)));
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IVault.CounterUsed.selector, 1));
        vault.executeVoid(card, 1);
        vault.executeVoid(card, 2);
        vm.expectRevert(abi.encodeWithSelector(IVault.CounterUsed.selector, 2));
        vault.executeVoid(card, 2);
        vm.stopPrank();
        vm.assertFalse(settle(voucher(2, 10)));
        vm.expectRevert(abi.encodeWithSelector(IVault.CounterUsed.selector, 1));
        this.requestVoidAs(1);
        vm.assertEq(earnedBy(MERCHANT), 10);
        vm.assertEq(balanceOf(card), 990);
    }

    function requestVoidAs(uint32 counter) external {
        requestVoid(counter);
    }

    function test_attack_aVoidCannotBeLoadedTwiceOrUnasked() public {
        requestVoid(3);
        vm.expectRevert(abi.encodeWithSelector(IVault.WithdrawalPending.selector, start + 16 days));
        this.requestVoidAs(3);
        vm.expectRevert(abi.encodeWithSelector(IVault.CounterUsed.selector, 0));
        this.requestVoidAs(0);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotRipe.selector, 0));
        vault.executeVoid(card, 4);
    }

    // ---- forks and clones -----------------------------------------------------------------------------------------

    /// A clone overdraws: the first that is mined is paid, whichever it is; the rest waits for balance, and a fork permanently.
    function test_attack_aCloneOverdraws() public {
        Voucher memory holders = voucher(1, 700);
        Voucher memory clones = voucher(1, 800);
        clones.payee = OTHER_MERCHANT;
        vm.assertTrue(settle(clones));
        vm.assertFalse(settle(holders));
        vm.assertFalse(settle(voucher(2, 300)));
        fund(card, 1_000);
        vm.assertTrue(settle(voucher(2, 300)));
        vm.assertFalse(settle(holders));
        vm.assertEq(earnedBy(MERCHANT), 300);
        vm.assertEq(earnedBy(OTHER_MERCHANT), 800);
    }

    // ---- blocked addresses ----------------------------------------------------------------------------------------

    function blockable() private returns (HostileToken hostile) {
        hostile = new HostileToken();
        vault = deployVault(address(hostile), SCALE);
        openCard(CARD_KEY, OWNER);
        openCard(OTHER_CARD_KEY, ISSUER);
        vault.fund(card, 1_000);
        vault.fund(otherCard, 1_000);
    }

    /// A payload that pays a blocked merchant pays it and everybody else: settling moves no token.
    function test_attack_aBlockedPayeeBlocksNoPayload() public {
        HostileToken hostile = blockable();
        hostile.setBlocked(MERCHANT);
        bytes[] memory items = new bytes[](2);
        (items[0], items[1]) = (item(voucher(1, 10)), item(voucher(2, 10)));
        vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"03");
        vm.assertEq(earnedBy(MERCHANT), 20);
        vm.expectRevert();
        vault.withdraw(MERCHANT);
        hostile.setBlocked(address(0));
        vm.assertEq(vault.withdraw(MERCHANT), 20);
    }

    /// A blocked owner keeps the claim until it ends, and another card's owner is paid.
    function test_attack_aBlockedOwnerHarmsNobodyElse() public {
        HostileToken hostile = blockable();
        vm.prank(OWNER);
        vault.requestWithdrawal(card, 100);
        vm.prank(ISSUER);
        vault.requestWithdrawal(otherCard, 100);
        vm.warp(start + 16 days);
        hostile.setBlocked(OWNER);
        vm.prank(OWNER);
        vm.expectRevert();
        vault.withdrawFromCard(card);
        vm.assertEq(balanceOf(card), 1_000);
        vm.prank(ISSUER);
        vm.assertEq(vault.withdrawFromCard(otherCard), 100);
        hostile.setBlocked(address(0));
        vm.prank(OWNER);
        vm.assertEq(vault.withdrawFromCard(card), 100);
    }

    /// The token calls back into every door that moves tokens while one is open.
    function test_attack_noDoorOpensWhileTokensMove() public {
        HostileToken hostile = blockable();
        vm.assertTrue(settle(voucher(1, 100)));
        bytes[6] memory doors = [
            abi.encodeCall(IVault.fund, (card, 1)),
            abi.encodeCall(IVault.fundWithPermit, (card, 1, 0, 0, 0, 0)),
            abi.encodeCall(IVault.fundWithAuthorization, (card, 1, OWNER, 0, 0, 0, 0, 0, 0)),
            abi.encodeCall(IVault.withdraw, (MERCHANT)),
            abi.encodeCall(IVault.withdrawTo, (MERCHANT)),
            abi.encodeCall(IVault.refund, (card, 1))
        ];
        for (uint256 i = 0; i < doors.length; ++i) {
            hostile.setCallback(address(vault), doors[i]);
            vault.fund(card, 1);
            vm.assertFalse(hostile.callbackSucceeded());
        }
        vm.assertEq(vault.withdraw(MERCHANT), 100);
        vm.assertEq(balanceOf(card), 900 + doors.length);
    }
}
