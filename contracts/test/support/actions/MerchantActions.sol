// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Actions} from "./Actions.sol";

/// @title Actions of merchants: taking earnings, giving back, giving up.
abstract contract MerchantActions is Actions {
    function withdraw(uint256 payee) external action(Action.Withdraw) {
        address merchant = earner(payee);
        uint256 before = token.balanceOf(merchant);
        uint256 units = vault.withdraw(merchant);
        vm.assertEq(token.balanceOf(merchant), before + units * scale);
        ++done[Action.Withdraw];
    }

    function withdrawTo(uint256 payee) external action(Action.WithdrawTo) {
        actingMerchant = earner(payee);
        vm.prank(actingMerchant);
        vault.withdrawTo(address(uint160(0x7007) + uint160(payee % MERCHANTS)));
        ++done[Action.WithdrawTo];
    }

    function refund(uint256 which, uint256 payee, uint32 units) external action(Action.Refund) {
        actingMerchant = merchantAt(payee % MERCHANTS);
        token.mint(actingMerchant, (uint256(units) + 1) * scale);
        vm.startPrank(actingMerchant);
        token.approve(address(vault), type(uint256).max);
        vault.refund(unflagged(which), uint256(units) + 1);
        vm.stopPrank();
        ++done[Action.Refund];
    }

    function release(uint256 which, uint256 payee, uint48 amount) external action(Action.Release) {
        uint256 key = keys[which % keys.length];
        Signed memory v = Signed(key, merchantAt(payee % MERCHANTS), lastOf[key] + 1, amount);
        publish(v);
        (bytes32 r, bytes32 vs) = sign(key, messageOf(v));
        // A far counter must be written down first.
        try vault.advance(messageOf(v), r, vs, 64) {} catch {}
        actingMerchant = v.payee;
        vm.prank(v.payee);
        vault.release(messageOf(v), r, vs);
        ++done[Action.Release];
    }

    /// A blocked merchant cannot be paid, and everybody else can.
    function withdrawWhileBlocked(uint256 payee) external action(Action.WithdrawWhileBlocked) {
        address merchant = earner(payee);
        absorb(address(vault), "");
        token.setBlocked(merchant);
        try vault.withdraw(merchant) {
            vm.assertTrue(false, "a blocked merchant was paid");
        } catch {}
        forget();
        address other = earn(merchantIndex(merchant) + 1);
        keep(other, 0);
        vault.withdraw(other);
        absorb(address(vault), "");
        actingMerchant = merchant;
        vm.prank(merchant);
        vault.withdrawTo(address(0x7007));
        token.setBlocked(address(0));
        ++done[Action.WithdrawWhileBlocked];
    }
}
