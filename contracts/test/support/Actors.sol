// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {TestDollar} from "../../src/testing/TestDollar.sol";
import {Vm} from "./Vm.sol";

/// @title Holders, merchants, a thief with a copied card, an owner who withdraws, two operators: each call is one deed.
/// Keeps its own account of what must have happened, with which the invariants compare the vault.
contract Actors {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 public constant CARDS = 3;
    uint256 public constant SHOPS = 2;
    uint256 private constant COUNTERS = 12;
    address private constant OWNER = address(0xacde1);

    IVault private immutable vault;
    TestDollar private immutable token;

    mapping(address => uint256) public funded;
    mapping(address => uint256) public refunded;
    mapping(address => uint256) public paid;
    mapping(address => uint256) public taken;
    mapping(address => uint256) public earned;
    mapping(address => mapping(uint32 => uint256)) private payments;
    uint256 public doublePaid;

    constructor(IVault vault_, TestDollar token_) {
        (vault, token) = (vault_, token_);
        token_.approve(address(vault_), type(uint256).max);
        for (uint256 i = 0; i < CARDS; ++i) {
            bytes memory message = bytes.concat("TLYO", domain(), bytes20(OWNER));
            (bytes32 r, bytes32 vs) = sign(keyAt(i), message);
            vault_.open(cardAt(i), OWNER, r, vs);
        }
    }

    // ---- deeds ----------------------------------------------------------------------------------------------------

    function fund(uint256 which, uint32 units) external {
        address card = cardAt(which % CARDS);
        token.mint(address(this), units);
        try vault.fund(card, units) {
            funded[card] += units;
        } catch {}
    }

    /// Holders pay and a thief's copy signs other vouchers under the same counters; two operators submit them again and again.
    function settle(uint256 which, uint256 shop, uint256[4] calldata seeds, bool forged) external {
        uint256 index = which % CARDS;
        bytes memory payload = bytes.concat(bytes32(0), bytes32(0), bytes2(uint16(1)), bytes20(shopAt(shop % SHOPS)));
        payload = bytes.concat(payload, bytes2(0), bytes20(cardAt(index)), bytes2(uint16(seeds.length)));
        for (uint256 i = 0; i < seeds.length; ++i) {
            payload = bytes.concat(payload, itemOf(forged ? 0xbad : keyAt(index), shopAt(shop % SHOPS), seeds[i]));
        }
        bytes memory result = vault.settle(payload);
        for (uint256 i = 0; i < seeds.length; ++i) {
            if ((uint8(result[0]) >> i) & 1 == 0) continue;
            account(cardAt(index), shopAt(shop % SHOPS), seeds[i], forged);
        }
    }

    function withdraw(uint256 shop) external {
        try vault.withdraw(shopAt(shop % SHOPS)) {} catch {}
    }

    function refund(uint256 which, uint256 shop, uint32 units) external {
        address card = cardAt(which % CARDS);
        token.mint(shopAt(shop % SHOPS), units);
        vm.startPrank(shopAt(shop % SHOPS));
        token.approve(address(vault), type(uint256).max);
        try vault.refund(card, units) {
            refunded[card] += units;
        } catch {}
        vm.stopPrank();
    }

    function release(uint256 which, uint256 shop, uint256 seed) external {
        bytes memory message = messageOf(shopAt(shop % SHOPS), seed);
        (bytes32 r, bytes32 vs) = sign(keyAt(which % CARDS), message);
        vm.prank(shopAt(shop % SHOPS));
        try vault.release(message, r, vs) {
            ++payments[cardAt(which % CARDS)][counterOf(seed)];
        } catch {}
    }

    function requestWithdrawal(uint256 which, uint48 units) external {
        vm.prank(OWNER);
        try vault.requestWithdrawal(cardAt(which % CARDS), units) {} catch {}
    }

    function withdrawFromCard(uint256 which) external {
        address card = cardAt(which % CARDS);
        vm.prank(OWNER);
        try vault.withdrawFromCard(card) returns (uint256 units) {
            taken[card] += units;
        } catch {}
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + (time % 10 days));
    }

    function convict(uint256 which, uint256 seed) external {
        bytes memory first = messageOf(shopAt(0), seed);
        bytes memory second = messageOf(shopAt(1), seed);
        (bytes32 r1, bytes32 vs1) = sign(keyAt(which % CARDS), first);
        (bytes32 r2, bytes32 vs2) = sign(keyAt(which % CARDS), second);
        // Now and then, so that cards are not all flagged at once.
        if (seed % 16 == 0)
            vault.proveEquivocation(IVault.SignedMessage(first, r1, vs1), IVault.SignedMessage(second, r2, vs2));
    }

    // ---- what is compared -----------------------------------------------------------------------------------------

    /// Units that somebody may claim: card balances and what merchants have not withdrawn.
    function claims() external view returns (uint256 sum) {
        for (uint256 i = 0; i < CARDS; ++i) {
            (uint48 balance, , , , , ) = vault.card(cardAt(i));
            sum += balance;
        }
        for (uint256 i = 0; i < SHOPS; ++i) {
            (uint128 merchantEarned, uint128 withdrawn) = vault.merchant(shopAt(i));
            sum += merchantEarned - withdrawn;
        }
    }

    function cardAt(uint256 index) public pure returns (address) {
        return vm.addr(keyAt(index));
    }

    function shopAt(uint256 index) public pure returns (address) {
        return address(uint160(0x5409 + index));
    }

    function account(address card, address shop, uint256 seed, bool forged) private {
        if (forged || ++payments[card][counterOf(seed)] > 1) ++doublePaid;
        paid[card] += amountOf(seed);
        earned[shop] += amountOf(seed);
    }

    // ---- bytes ----------------------------------------------------------------------------------------------------

    function keyAt(uint256 index) private pure returns (uint256) {
        return 0xca4d00 + index;
    }

    function counterOf(uint256 seed) private pure returns (uint32) {
        return uint32(seed % COUNTERS);
    }

    function amountOf(uint256 seed) private pure returns (uint48) {
        return uint48((seed >> 16) % 5_000_000);
    }

    function domain() private view returns (bytes memory) {
        return bytes.concat(bytes8(uint64(block.chainid)), bytes20(address(vault)));
    }

    function messageOf(address payee, uint256 seed) private view returns (bytes memory) {
        return
            bytes.concat("TLY1", domain(), bytes20(payee), bytes4(counterOf(seed)), bytes6(amountOf(seed)), bytes20(0));
    }

    function itemOf(uint256 key, address payee, uint256 seed) private view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = sign(key, messageOf(payee, seed));
        return bytes.concat(bytes4(counterOf(seed)), bytes6(amountOf(seed)), bytes20(0), r, vs);
    }

    function sign(uint256 key, bytes memory message) private pure returns (bytes32, bytes32) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, sha256(message));
        return (r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }
}
