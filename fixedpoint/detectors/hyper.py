# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of FPD-Net's hyper-network, in integers and in real values.

Shapes: G blocks of B vectors, C units, L layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from fixedpoint.numbers.format import IntArray
from fixedpoint.numbers.requantize import requantize
from fixedpoint.specs.hyper import AFFINE, SHARED, Affine, HyperSpec, halved

PHI_LEAST = 1.02
CHUNK = 512
"""Images at a time: the patches of one chunk take 10 MB."""
ALIGNED = 64
"""The float twin fills chunks up to multiples of this: BLAS sums the last images alike then."""

FloatArray = NDArray[np.float64]
Outputs = Callable[[Affine, FloatArray], Any]


def heads(kappa: float) -> dict[str, Callable[[FloatArray], FloatArray]]:
    """What the table of each head holds, in the order of the network's outputs of a layer."""
    return {
        "step": lambda raw: kappa * softplus(raw),
        "mu2": softplus,
        "mu3": softplus,
        "cosine_step": lambda raw: np.pi * softplus(raw),
        "quartic_scale": lambda raw: softplus(raw) ** 0.25,
        "gaussian_scale": lambda raw: softplus(raw) ** 0.5,
        "phi": lambda raw: PHI_LEAST + softplus(raw),
    }


def scales(read: Mapping[str, Any], product: Callable[[str, Any], Any]) -> dict[str, Any]:
    """The run-time scales: heads, and the steps μ₂·η^¼ and μ₃·√β, rounded by `product`."""
    return {name: read[name] for name in SHARED} | {
        "quartic_step": product("quartic_step", read["mu2"] * read["quartic_scale"]),
        "gaussian_step": product("gaussian_step", read["mu3"] * read["gaussian_scale"]),
    }


def softplus(x: FloatArray) -> FloatArray:
    """log(1 + eˣ)."""
    value: FloatArray = np.logaddexp(0.0, x)
    return value


def network(
    hyper: HyperSpec, h: Any, levels: Any, kind: type[np.generic], output: Outputs
) -> list[Any]:
    """The outputs of the four layers, (G, B, C, …) each, for h (G, C, Q, N), levels (G, B, C, Q).

    Sums of products are exact: integers in float64, within the bounds that a spec is checked for.
    """
    leading = levels.shape[:3]
    block, _, unit = np.indices(leading).reshape(3, -1)
    column = levels.reshape(-1, levels.shape[-1], 1)
    found: list[list[Any]] = [[] for _ in AFFINE]
    for start in range(0, len(block), CHUNK):
        chosen = slice(start, start + CHUNK)
        image = np.concatenate([h[block[chosen], unit[chosen]], column[chosen]], axis=-1)
        count = len(image)
        if kind is np.float64:
            image = np.pad(image, ((0, -count % ALIGNED), (0, 0), (0, 0)))
        for made, values in zip(found, _layers(hyper, image, output), strict=True):
            made.append(values[:count].reshape(count, -1))
    return [np.concatenate(part).astype(kind).reshape(*leading, -1) for part in found]


def _layers(hyper: HyperSpec, image: Any, output: Outputs) -> list[Any]:
    """The four outputs for images (n, Q, N + 1): maps (n, channels, rows, columns), then rows."""
    x, found = np.asarray(image, dtype=np.float64)[:, None], []
    for name in AFFINE:
        layer: Affine = getattr(hyper, name)
        matrix = np.array(layer.weights, dtype=np.float64).reshape(len(layer.biases), -1)
        if name.startswith("conv"):
            size = (len(x), len(matrix), halved(x.shape[2]), halved(x.shape[3]))
            sums = (matrix @ _patches(x)).reshape(size)
            biases = np.array(layer.biases)[:, None, None]
        else:
            sums = x.reshape(len(x), -1) @ matrix.T
            biases = np.array(layer.biases)
        found.append(output(layer, sums + biases))
        x = found[-1].astype(np.float64)
    return found


def _patches(x: FloatArray) -> FloatArray:
    """What each output pixel of a convolution sees of maps (n, channels, rows, columns).

    (n, channels·9, pixels), in the order of the weights.
    """
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, (3, 3), axis=(2, 3))[:, :, ::2, ::2]
    n, channels, rows, columns = windows.shape[:4]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, channels * 9, rows * columns)


def rounded(layer: Affine, sums: FloatArray) -> IntArray:
    """What a layer gives of its exact sums."""
    return requantize(sums.astype(np.int64), layer.shift, layer.output)


def clipped(layer: Affine, sums: FloatArray) -> FloatArray:
    """The same of the float twin: no rounding."""
    found: FloatArray = np.clip(sums * 2.0**-layer.shift, layer.output.min, layer.output.max)
    return found
