# SPDX-License-Identifier: Apache-2.0
"""How each shipped network is trained, by name; `start` and `teacher` name other recipes.

The paper's protocol is the default of `TrainConfig`: 50 epochs. The nets of figures 4 to 6 and
their fair baselines (a box in place of the soft threshold) start from the same float net and train
as many epochs more. ADMM with a box and one ρ for all layers is trained by itself: from the
relaxations of the soft net, negative ones among them, it doesn't find its way (BER .027 at 25 dB).
Its INT8 nets and their fair baselines train 12 epochs more. So do the soft threshold with one ρ for
all layers and SNRs, from the relaxations of the soft net, and its INT8 net: 13 epochs of a slower
schedule were no better on validation data.

`admm-box-int8-kaq` is Algorithm 1 of the KAQ paper whole: statistics and KDE over the training set,
Δ of eq. (10), learned bandwidths (within a factor of 2 of the KDE's), Δ driven by the SNR in every
layer, the last one's code in the loss. Its ε is the one that hurts least (docs/model.md).
"""

from __future__ import annotations

from dataclasses import replace

from model.config import TrainConfig
from model.distributed_config import EIGHT, DistributedRecipe
from model.fpd_config import FpdConfig

_FLOAT = TrainConfig(quantizer="float")
_ADMM = replace(_FLOAT, network="admm")
_SHARED_BOX = replace(_ADMM, prox="box", form="shared")
_PGD_INT8 = TrainConfig(start="pgd-soft")
_SCALAR = replace(_ADMM, form="scalar", start="admm-soft")
_ADMM_INT8 = TrainConfig(network="admm", start="admm-soft")
_FROM_BOX = replace(_SHARED_BOX, start="admm-box", float_epochs=12, epochs=12, halve_every=3)
_ADMM_BOX_INT8 = replace(_FROM_BOX, last="wide", initial="mse")

RECIPES: dict[str, TrainConfig] = {
    "pgd-soft": _FLOAT,
    "pgd-soft-int8-qat": replace(_PGD_INT8, quantizer="learned"),
    "pgd-soft-int8-kaq": replace(_PGD_INT8, quantizer="snr", mmd="kde", epsilon=1.0),
    "pgd-box": replace(_FLOAT, prox="box", start="pgd-soft"),
    "pgd-snr-box": replace(_FLOAT, prox="snr-box", start="pgd-soft"),
    "pgd-box-alone": replace(_FLOAT, prox="box"),
    "pgd-box-int8-snr": TrainConfig(prox="box", quantizer="snr", start="pgd-box-alone"),
    "admm-soft": _ADMM,
    "admm-soft-int8-qat": replace(_ADMM_INT8, quantizer="learned"),
    "admm-soft-int8-kaq": replace(_ADMM_INT8, quantizer="snr", mmd="kde", epsilon=1.0),
    "admm-exact-box": replace(_ADMM, prox="box", start="admm-soft"),
    "admm-exact-snr-box": replace(_ADMM, prox="snr-box", start="admm-soft"),
    "admm-scalar-soft": replace(_SCALAR, float_epochs=12, halve_every=3),
    "admm-scalar-soft-int8-kaq": replace(
        _SCALAR,
        start="admm-scalar-soft",
        quantizer="snr",
        mmd="kde",
        epsilon=1.0,
        epochs=12,
        halve_every=3,
    ),
    "admm-box": _SHARED_BOX,
    "admm-box-longer": _FROM_BOX,
    "admm-snr-box": replace(_FROM_BOX, prox="snr-box"),
    "admm-shared-soft": replace(_ADMM, form="shared"),
    "admm-linearised-soft": replace(_ADMM, form="linearised"),
    "admm-box-int8-learned": replace(_ADMM_BOX_INT8, quantizer="learned"),
    "admm-box-int8-snr": replace(_ADMM_BOX_INT8, quantizer="snr"),
    "admm-box-int8-kaq": replace(_FROM_BOX, quantizer="snr", mmd="bounded", epsilon=1.0),
}
_FPD_ONE_BIT = FpdConfig(
    "64x8-4qam-1bit", snr_low_db=-2.5, snr_high_db=12.5, floor=1e-5, balance=0.93, polish=400
)
_FPD_TWO_BITS = FpdConfig("64x8-16qam-2bit")
FPD_RECIPES = {
    "fpd-4qam-1bit": _FPD_ONE_BIT,
    "fpd-16qam-2bit": _FPD_TWO_BITS,
    "fpd-4qam-1bit-mse": replace(_FPD_ONE_BIT, balance=0.0, polish=0),
    "fpd-16qam-2bit-mse": replace(_FPD_TWO_BITS, balance=0.0),
}
"""The FPD-Nets. With 1 bit HPD is near ML from 7.5 dB on, and those SNRs need more weight.

`-mse` is the loss (41) to the letter, every vector with the same weight, and a table of means.
"""

SPECS = {
    "pgd": "pgd-soft-int8-kaq",
    "pgd-box": "pgd-box-int8-snr",
    "admm": "admm-scalar-soft-int8-kaq",
    "admm-box": "admm-box-int8-snr",
    "admm-kaq": "admm-box-int8-kaq",
}
"""The shipped specs, and the networks that they are exported from."""

_QPSK, _QAM = "64x8-4qam-1bit", "64x8-16qam-2bit"
DISTRIBUTED = {
    "hpd-4qam-1bit": DistributedRecipe(_QPSK),
    "hpd-4qam-1bit-8bit": DistributedRecipe(_QPSK, words=EIGHT),
    "hpd-16qam-2bit": DistributedRecipe(_QAM),
    "hpd-16qam-2bit-8bit": DistributedRecipe(_QAM, words=EIGHT),
    "fpd-4qam-1bit": DistributedRecipe(_QPSK, "fpd-4qam-1bit"),
    "fpd-4qam-1bit-8bit": DistributedRecipe(_QPSK, "fpd-4qam-1bit", EIGHT),
    "fpd-16qam-2bit": DistributedRecipe(_QAM, "fpd-16qam-2bit"),
    "fpd-16qam-2bit-8bit": DistributedRecipe(_QAM, "fpd-16qam-2bit", EIGHT),
}
"""The shipped specs of HPD, and of FPD-Net with the frozen table of a network."""
