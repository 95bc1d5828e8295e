// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../../src/IVault.sol";
import {Actions} from "./Actions.sol";
import {Vm} from "../Vm.sol";

/// @title Actions of merchants' delegates, and of who got hold of one's key.
abstract contract DelegateActions is Actions {
    uint256 private constant DELEGATES = 2;
    uint256 private constant THIEFS_KEY = 0x741ef5;

    // ---- what a merchant sets -------------------------------------------------------------------------------------

    function delegateKey(address merchant, uint256 which) private pure returns (uint256) {
        return 0xde1e00 + DELEGATES * merchantIndex(merchant) + (which % DELEGATES);
    }

    function delegateAt(address merchant, uint256 which) internal pure returns (address) {
        return vm.addr(delegateKey(merchant, which));
    }

    function appoint(uint256 payee, uint256 which, uint256 limit) external action(Action.Appoint) {
        setLimit(merchantAt(payee % MERCHANTS), which, limit % 1_000_000);
        ++done[Action.Appoint];
    }

    function setLimit(address merchant, uint256 which, uint256 limit) private {
        address before = actingMerchant;
        actingMerchant = merchant;
        vm.prank(merchant);
        vault.setDelegate(delegateAt(merchant, which), limit);
        absorb(address(vault), "");
        actingMerchant = before;
    }

    function keepReserve(uint256 payee, uint32 units) external action(Action.KeepReserve) {
        keep(merchantAt(payee % MERCHANTS), units % 1_000);
        ++done[Action.KeepReserve];
    }

    function left(address merchant, uint256 which) private view returns (uint256) {
        address delegate = delegateAt(merchant, which);
        uint256 used = usedOn[merchant][delegate][block.timestamp / 1 days];
        return limits[merchant][delegate] > used ? limits[merchant][delegate] - used : 0;
    }

    /// Sees to it that the delegate may give back one unit at least today.
    function prepareDelegate(address merchant, uint256 which) private {
        if (left(merchant, which) > 0) return;
        uint256 used = usedOn[merchant][delegateAt(merchant, which)][block.timestamp / 1 days];
        setLimit(merchant, which, used + 1_000);
    }

    // ---- what delegates sign --------------------------------------------------------------------------------------

    function refundCall(
        Signed memory v,
        uint48 total,
        uint32 deadline,
        uint256 signer
    ) private view returns (bytes memory) {
        bytes memory order = bytes.concat("TLYF", domain(), idOf(v), bytes6(total), bytes4(deadline));
        (bytes32 r, bytes32 vs) = sign(v.key, messageOf(v));
        (bytes32 r2, bytes32 vs2) = sign(signer, order);
        return abi.encodeCall(IVault.refundFor, (messageOf(v), r, vs, total, deadline, r2, vs2));
    }

    function releaseCall(Signed memory v, uint256 signer) private returns (bytes memory) {
        Vm.Wallet memory key = vm.createWallet(v.key);
        bytes memory request = bytes.concat(
            bytes8(0),
            bytes4(v.counter),
            bytes20(v.payee),
            bytes6(v.amount),
            bytes29(0)
        );
        bytes1 prefix = bytes1(uint8(2 + (key.publicKeyY & 1)));
        bytes memory reversal = bytes.concat("TLYX", domain(), prefix, bytes32(key.publicKeyX), request);
        (bytes32 r, bytes32 vs) = sign(v.key, messageOf(v));
        (bytes32 r2, bytes32 vs2) = sign(signer, reversal);
        return abi.encodeCall(IVault.releaseFor, (messageOf(v), r, vs, reversal, bytes32(key.publicKeyY), r2, vs2));
    }

    /// Whether a unit of this voucher can be given back as things are.
    function isReturnable(Signed memory v) private view returns (bool) {
        address card = addressOf[v.key];
        return
            uses[card][v.counter] == 1 &&
            !cardStates[card].flagged &&
            v.amount > returnedUnits[idOf(v)] &&
            earningsOf(v.payee) > 0;
    }

    /// One of the youngest vouchers, or a new one that is paid for this.
    function returnable(uint256 seed) private returns (Signed memory v) {
        uint256 count = signedVouchers.length;
        for (uint256 i = 0; i < 12 && i < count; ++i) {
            v = signedVouchers[count - 1 - (((seed % 40) + i) % (count < 40 ? count : 40))];
            if (isReturnable(v)) return v;
        }
        earn(seed);
        return signedVouchers[signedVouchers.length - 1];
    }

    function refundFor(uint256 seed, uint256 which, uint48 amount, uint32 time) external action(Action.RefundFor) {
        Signed memory v = returnable(seed);
        prepareDelegate(v.payee, which);
        uint256 most = v.amount - returnedUnits[idOf(v)];
        if (most > left(v.payee, which)) most = left(v.payee, which);
        if (most > earningsOf(v.payee)) most = earningsOf(v.payee);
        uint48 total = uint48(returnedUnits[idOf(v)] + 1 + (amount % most));
        uint32 deadline = uint32(block.timestamp + (time % 1 days));
        bytes memory call = refundCall(v, total, deadline, delegateKey(v.payee, which));
        vm.prank(OPERATOR);
        (bool taken, ) = address(vault).call(call);
        vm.assertTrue(taken, "an order within all bounds was refused");
        absorb(address(vault), "");
        refused(call, IVault.AlreadyReturned.selector);
        ++done[Action.RefundFor];
    }

    function releaseFor(uint256 seed, uint256 which, uint48 amount) external action(Action.ReleaseFor) {
        uint256 key = keys[seed % keys.length];
        address payee = merchantAt((seed >> 8) % MERCHANTS);
        prepareDelegate(payee, which);
        Signed memory v = Signed(key, payee, lastOf[key] + 1, uint48(amount % (left(payee, which) + 1)));
        publish(v);
        (bytes32 r, bytes32 vs) = sign(key, messageOf(v));
        try vault.advance(messageOf(v), r, vs, 64) {} catch {}
        bytes memory call = releaseCall(v, delegateKey(payee, which));
        (bool taken, ) = address(vault).call(call);
        vm.assertTrue(taken, "a reversal within all bounds was refused");
        absorb(address(vault), "");
        refused(call, IVault.CounterUsed.selector);
        ++done[Action.ReleaseFor];
    }

    /// With a key that is no delegate's, or is another payee's; for more than the day or the voucher has; too late.
    function misuseDelegate(uint256 seed, uint256 which, uint48 amount) external action(Action.MisuseDelegate) {
        Signed memory v = returnable(seed);
        bytes32 id = idOf(v);
        uint48 total = uint48(returnedUnits[id] + 1);
        uint256 key = delegateKey(v.payee, which);
        refused(refundCall(v, total, type(uint32).max, THIEFS_KEY), IVault.NotDelegate.selector);
        uint256 others = delegateKey(merchantAt((merchantIndex(v.payee) + 1) % MERCHANTS), which);
        refused(refundCall(v, total, type(uint32).max, others), IVault.NotDelegate.selector);
        // A voucher of the largest amount leaves no larger total to ask for.
        uint256 above = uint256(v.amount) + 1 + (amount % 1_000);
        if (above <= type(uint48).max)
            refused(refundCall(v, uint48(above), type(uint32).max, key), IVault.MoreThanPaid.selector);
        refused(refundCall(v, total, uint32(block.timestamp - 1), key), IVault.Expired.selector);
        setLimit(v.payee, which, 1 + usedOn[v.payee][vm.addr(key)][block.timestamp / 1 days]);
        if (v.amount > total && earningsOf(v.payee) > 1)
            refused(refundCall(v, total + 1, type(uint32).max, key), IVault.OverDayLimit.selector);
        Signed memory next = Signed(v.key, v.payee, lastOf[v.key] + 1, 1);
        refused(refundCall(next, 1, type(uint32).max, key), IVault.CounterUnused.selector);
        ++done[Action.MisuseDelegate];
    }

    function refused(bytes memory call, bytes4 error) private {
        (bool taken, bytes memory reason) = address(vault).call(call);
        vm.assertFalse(taken, "taken");
        vm.assertEq(bytes32(bytes4(reason)), bytes32(error));
        forget();
    }
}
