// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../src/IVault.sol";
import {PackedVault} from "../src/PackedVault.sol";
import {AttackSuite} from "./suites/AttackSuite.sol";
import {CardSuite} from "./suites/CardSuite.sol";
import {DelegateAttackSuite} from "./suites/DelegateAttackSuite.sol";
import {DelegateSuite} from "./suites/DelegateSuite.sol";
import {EquivocationSuite} from "./suites/EquivocationSuite.sol";
import {InvariantSuite} from "./suites/InvariantSuite.sol";
import {MempoolSuite} from "./suites/MempoolSuite.sol";
import {MerchantSuite} from "./suites/MerchantSuite.sol";
import {OwnerSuite} from "./suites/OwnerSuite.sol";
import {PayloadSuite} from "./suites/PayloadSuite.sol";
import {ReplaySuite} from "./suites/ReplaySuite.sol";
import {SettleSuite} from "./suites/SettleSuite.sol";
import {VectorSuite} from "./suites/VectorSuite.sol";

contract PackedVaultCardTest is CardSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultSettleTest is SettleSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultMerchantTest is MerchantSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultOwnerTest is OwnerSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultEquivocationTest is EquivocationSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultVectorTest is VectorSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultInvariantTest is InvariantSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }

    function advances() internal pure override returns (bool) {
        return true;
    }
}

contract PackedVaultAttackTest is AttackSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultPayloadTest is PayloadSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultMempoolTest is MempoolSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultReplayTest is ReplaySuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultDelegateTest is DelegateSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}

contract PackedVaultDelegateAttackTest is DelegateAttackSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new PackedVault(token_, scale_);
    }
}
