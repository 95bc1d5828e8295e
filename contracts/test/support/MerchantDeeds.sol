// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deeds} from "./Deeds.sol";

/// @title Deeds of merchants: taking earnings, giving back, giving up.
abstract contract MerchantDeeds is Deeds {
    function withdraw(uint256 shop) external deed(Deed.Withdraw) {
        address merchant = earner(shop);
        uint256 before = token.balanceOf(merchant);
        uint256 units = vault.withdraw(merchant);
        vm.assertEq(token.balanceOf(merchant), before + units * scale);
        ++done[Deed.Withdraw];
    }

    function withdrawTo(uint256 shop) external deed(Deed.WithdrawTo) {
        actingMerchant = earner(shop);
        vm.prank(actingMerchant);
        vault.withdrawTo(address(uint160(0x7007) + uint160(shop % SHOPS)));
        ++done[Deed.WithdrawTo];
    }

    function refund(uint256 which, uint256 shop, uint32 units) external deed(Deed.Refund) {
        actingMerchant = shopAt(shop % SHOPS);
        token.mint(actingMerchant, (uint256(units) + 1) * scale);
        vm.startPrank(actingMerchant);
        token.approve(address(vault), type(uint256).max);
        vault.refund(unflagged(which), uint256(units) + 1);
        vm.stopPrank();
        ++done[Deed.Refund];
    }

    function release(uint256 which, uint256 shop, uint48 amount) external deed(Deed.Release) {
        uint256 key = keys[which % keys.length];
        Signed memory v = Signed(key, shopAt(shop % SHOPS), lastOf[key] + 1, amount);
        publish(v);
        (bytes32 r, bytes32 vs) = sign(key, messageOf(v));
        // A far counter must be written down first.
        try vault.advance(messageOf(v), r, vs, 64) {} catch {}
        actingMerchant = v.payee;
        vm.prank(v.payee);
        vault.release(messageOf(v), r, vs);
        ++done[Deed.Release];
    }

    /// A blocked merchant cannot be paid, and everybody else can.
    function withdrawWhileBlocked(uint256 shop) external deed(Deed.WithdrawWhileBlocked) {
        address merchant = earner(shop);
        absorb(address(vault), "");
        token.setBlocked(merchant);
        try vault.withdraw(merchant) {
            vm.assertTrue(false, "a blocked merchant was paid");
        } catch {}
        forget();
        address other = earn(shopIndex(merchant) + 1);
        keep(other, 0);
        vault.withdraw(other);
        absorb(address(vault), "");
        actingMerchant = merchant;
        vm.prank(merchant);
        vault.withdrawTo(address(0x7007));
        token.setBlocked(address(0));
        ++done[Deed.WithdrawWhileBlocked];
    }
}
