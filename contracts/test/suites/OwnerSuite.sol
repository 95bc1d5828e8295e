// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {Fixture} from "../support/Fixture.sol";
import {Vm} from "../support/Vm.sol";

/// @title What owners do: delayed withdrawal and void (spec §7.5).
abstract contract OwnerSuite is Fixture {
    uint256 private start;

    function setUp() public override {
        super.setUp();
        fund(card, 1_000);
        start = 1_790_000_000;
    }

    function request(uint256 units) private {
        vm.prank(OWNER);
        vault.requestWithdrawal(card, units);
    }

    function take() private returns (uint256) {
        vm.prank(OWNER);
        return vault.withdrawFromCard(card);
    }

    function test_delays_areTheProtocols() public view {
        vm.assertEq(vault.DELAY(), 16 days);
        vm.assertEq(vault.EXPIRY(), 7 days);
    }

    function test_withdrawal_isPaidFromTheDelayToTheEndOfTheExpiry() public {
        request(300);
        vm.warp(start + 16 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotRipe.selector, start + 16 days));
        this.takeAsOwner();
        vm.warp(start + 16 days);
        vm.assertEq(take(), 300);
        vm.assertEq(token.balanceOf(OWNER), 300 * SCALE);
        vm.assertEq(balanceOf(card), 700);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotRipe.selector, 0));
        this.takeAsOwner();
    }

    function test_withdrawal_expires() public {
        request(300);
        vm.warp(start + 23 days);
        vm.assertEq(take(), 300);
        vm.prank(OWNER);
        vault.requestWithdrawal(card, 300);
        // To its last second it stays the one that there is.
        vm.warp(start + 23 days + 23 days);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IVault.WithdrawalPending.selector, start + 39 days));
        vault.requestWithdrawal(card, 1);
        vm.warp(start + 23 days + 23 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotRipe.selector, start + 39 days));
        this.takeAsOwner();
        // One that expired counts as none: a withdrawal cannot be loaded in advance.
        request(1);
    }

    function takeAsOwner() external {
        take();
    }

    function test_withdrawal_reservesNothingAgainstVouchers() public {
        request(1_000);
        vm.warp(start + 16 days);
        vm.assertTrue(settle(voucher(1, 900)));
        vm.assertEq(take(), 100);
        vm.assertEq(balanceOf(card), 0);
    }

    /// A token may refuse to move nothing; the withdrawal ends all the same.
    function test_withdrawal_ofAnEmptyCardMovesNoTokens() public {
        request(1_000);
        vm.warp(start + 16 days);
        vm.assertTrue(settle(voucher(1, 1_000)));
        vm.recordLogs();
        vm.assertEq(take(), 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1);
        vm.assertEq(logs[0].topics[0], IVault.CardWithdrawn.selector);
    }

    function test_withdrawal_oneAtATimeAndCancellable() public {
        request(300);
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IVault.WithdrawalPending.selector, start + 16 days));
        vault.requestWithdrawal(card, 1);
        vault.cancelWithdrawal(card);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotRipe.selector, 0));
        vault.cancelWithdrawal(card);
        vm.expectRevert(IVault.ZeroAmount.selector);
        vault.requestWithdrawal(card, 0);
        vm.expectRevert(IVault.Overflow.selector);
        vault.requestWithdrawal(card, 1 << 48);
        vm.stopPrank();
        request(1);
    }

    function test_withdrawal_isTheOwnersAlone() public {
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(IVault.requestWithdrawal, (card, 1));
        calls[1] = abi.encodeCall(IVault.cancelWithdrawal, (card));
        calls[2] = abi.encodeCall(IVault.withdrawFromCard, (card));
        calls[3] = abi.encodeCall(IVault.executeVoid, (card, 1));
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(MERCHANT);
            (bool done, bytes memory answer) = address(vault).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(answer, abi.encodeWithSelector(IVault.NotOwner.selector, MERCHANT));
        }
    }

    function stateProof(uint32 counter) private view returns (bytes memory) {
        return
            bytes.concat(
                "TLYP",
                domain(),
                bytes16("challenge"),
                bytes4(counter),
                bytes6(uint48(5)),
                bytes4(uint32(1)),
                hex"07",
                bytes32(0)
            );
    }

    function requestVoid(uint32 counter, bytes memory proof, uint256 key) private {
        (bytes32 r, bytes32 vs) = signBytes(key, proof);
        vm.prank(OWNER);
        vault.requestVoid(card, counter, proof, r, vs);
    }

    function requestVoidAs(uint32 counter, bytes memory proof, uint256 key) external {
        requestVoid(counter, proof, key);
    }

    function test_void_needsAProofThatTheCardPassedTheCounter() public {
        bytes memory later = messageOf(voucher(3, 10));
        bytes memory proof = stateProof(3);
        vm.expectRevert(IVault.NoProof.selector);
        this.requestVoidAs(3, later, CARD_KEY);
        vm.expectRevert(IVault.NoProof.selector);
        this.requestVoidAs(4, proof, CARD_KEY);
        vm.expectRevert(IVault.BadSignature.selector);
        this.requestVoidAs(2, later, OTHER_CARD_KEY);
        vm.expectRevert(IVault.MalformedMessage.selector);
        this.requestVoidAs(2, hex"00", CARD_KEY);
        requestVoid(2, later, CARD_KEY);
        requestVoid(3, proof, CARD_KEY);
        vm.assertEq(vault.voidReadyAt(card, 2), start + 16 days);
    }

    function test_void_isExecutedAfterTheDelay() public {
        requestVoid(2, stateProof(2), CARD_KEY);
        vm.warp(start + 16 days - 1);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotRipe.selector, start + 16 days));
        vault.executeVoid(card, 2);
        vm.warp(start + 16 days);
        vm.prank(OWNER);
        vault.executeVoid(card, 2);
        vm.assertTrue(vault.isUsed(card, 2));
        vm.assertFalse(settle(voucher(2, 10)));
        vm.assertEq(balanceOf(card), 1_000);
    }

    function test_void_losesAgainstASettlement() public {
        requestVoid(2, stateProof(2), CARD_KEY);
        vm.warp(start + 16 days);
        vm.assertTrue(settle(voucher(2, 10)));
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IVault.CounterUsed.selector, 2));
        vault.executeVoid(card, 2);
    }

    function test_fuzz_withdrawal_paysTheSmallerOfPendingAndBalance(uint48 pending, uint48 spent) public {
        vm.assume(pending > 0);
        spent = spent % 1_001;
        request(pending);
        if (spent > 0) settle(voucher(1, spent));
        vm.warp(start + 16 days);
        uint256 left = 1_000 - spent;
        vm.assertEq(take(), pending < left ? pending : left);
    }
}
