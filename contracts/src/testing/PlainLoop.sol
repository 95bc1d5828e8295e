// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title What one would write first: a list of vouchers, one mark and one token transfer each. Only benchmarks use it.
contract PlainLoop {
    using SafeERC20 for IERC20;

    struct Voucher {
        address payee;
        uint256 amount;
        uint256 nonce;
        bytes signature;
    }

    IERC20 private immutable token;
    mapping(address => uint256) public balance;
    mapping(bytes32 => bool) public used;

    constructor(IERC20 token_) {
        token = token_;
    }

    function fund(address card, uint256 amount) external {
        balance[card] += amount;
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    function settle(Voucher[] calldata vouchers) external {
        for (uint256 i = 0; i < vouchers.length; ++i) {
            Voucher calldata v = vouchers[i];
            bytes32 hash = keccak256(abi.encode(block.chainid, address(this), v.payee, v.amount, v.nonce));
            if (used[hash]) continue;
            used[hash] = true;
            balance[ECDSA.recover(hash, v.signature)] -= v.amount;
            token.safeTransfer(v.payee, v.amount);
        }
    }
}
