// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../src/IVault.sol";
import {ReferenceVault} from "../src/ReferenceVault.sol";
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

contract ReferenceVaultCardTest is CardSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultSettleTest is SettleSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultMerchantTest is MerchantSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultOwnerTest is OwnerSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultEquivocationTest is EquivocationSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultVectorTest is VectorSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultInvariantTest is InvariantSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }

    function advances() internal pure override returns (bool) {
        return false;
    }
}

contract ReferenceVaultAttackTest is AttackSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultPayloadTest is PayloadSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultMempoolTest is MempoolSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultReplayTest is ReplaySuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultDelegateTest is DelegateSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}

contract ReferenceVaultDelegateAttackTest is DelegateAttackSuite {
    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }
}
