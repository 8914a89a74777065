// SPDX-License-Identifier: Apache-2.0
// What a distributed unit does with its rows of H: both products and the bracket between them.
// Golden model: fixedpoint/detectors/units.py, rows; eq. (10) of the HPD/FPD paper.
#pragma once

#include "bank.hpp"
#include "dot.hpp"
#include "lookup.hpp"
#include "types.hpp"

namespace bitfold {

template <class Spec>
using UnitMatrix = Operand<Spec::h_bits>[Spec::unit_size][Spec::columns];

// A converter's code for each row of a unit.
template <class Spec>
using UnitCodes = UInt<Spec::adc_bits>[Spec::unit_size];

// z, where a layer starts.
template <class Spec>
using Point = Operand<Spec::state_bits>[Spec::columns];

// The cell of each code: its thresholds, and whether a side is open.
template <class Spec>
struct UnitCells {
  Int<Spec::threshold_bits> low[Spec::unit_size];
  Int<Spec::threshold_bits> up[Spec::unit_size];
  bool open_low[Spec::unit_size];
  bool open_up[Spec::unit_size];
};

// The wires of the rows of one layer.
template <class Spec>
struct UnitRows {
  Int<Spec::accumulator_bits> accumulator[Spec::unit_size];
  Int<Spec::residual_bits> residual[Spec::unit_size];
  Int<Spec::gradient_bits> gradient[Spec::columns];
};

// A code beyond the converter's range becomes the largest.
template <class Spec>
constexpr UInt<Spec::adc_bits> clamp_code(UInt<8> code) {
  constexpr int largest_code = (1 << Spec::adc_bits) - 1;
  const int asked = static_cast<int>(code);
  return static_cast<UInt<Spec::adc_bits>>(asked < largest_code ? asked : largest_code);
}

// The cells of the codes at one SNR. An open side has no threshold: it repeats the other one.
template <class Spec>
UnitCells<Spec> unit_cells(const UnitCodes<Spec>& codes, UInt<Spec::index_bits> index) {
#pragma HLS INLINE
  constexpr int last = (1 << Spec::adc_bits) - 1;
  const auto& thresholds = Spec::thresholds[bank_entry<Spec>(index)];
  UnitCells<Spec> cells;
rows:
  for (int i = 0; i < Spec::unit_size; ++i) {
#pragma HLS UNROLL
    const int code = static_cast<int>(codes[i]);
    cells.open_low[i] = code == 0;
    cells.open_up[i] = code == last;
    cells.low[i] = thresholds[code == 0 ? 0 : code - 1];
    cells.up[i] = thresholds[code == last ? last - 1 : code];
  }
  return cells;
}

// The sigmoid at the distance of Hz from a threshold.
template <class Spec>
Int<Spec::residual_bits> unit_sigmoid(Int<Spec::accumulator_bits> accumulator,
                                      Int<Spec::threshold_bits> threshold) {
#pragma HLS INLINE
  constexpr int work = Spec::Sigmoid::work_bits;
  const auto aligned = multiply<work>(threshold, power_of_two<work>(Spec::threshold_align));
  const Int<work> distance = static_cast<Int<work>>(accumulator - aligned);
  return lookup<typename Spec::Sigmoid>(distance, Spec::Sigmoid::values);
}

// 1 - sigmoid_up - sigmoid_low of row i: 0 takes the place of the first at a side that is open
// upwards, 1 that of the second at one that is open downwards.
template <class Spec>
Int<Spec::residual_bits> bracket(Int<Spec::accumulator_bits> accumulator,
                                 const UnitCells<Spec>& cells, int i) {
#pragma HLS INLINE
  using Value = Int<Spec::residual_bits>;
  const Value zero = 0;
  const Value one = Spec::one;
  const Value high = unit_sigmoid<Spec>(accumulator, cells.up[i]);
  const Value low = unit_sigmoid<Spec>(accumulator, cells.low[i]);
  const Value above = cells.open_up[i] ? zero : high;
  const Value below = cells.open_low[i] ? one : low;
  return static_cast<Value>(one - above - below);
}

// One pass over the rows does both products: row i gives (Hz)_i, hence its bracket e_i, and adds
// its share e_i * H_i to the gradient H'e at once.
template <class Spec>
void unit_rows(const UnitMatrix<Spec>& h, const UnitCells<Spec>& cells, const Point<Spec>& z,
               UnitRows<Spec>& wires) {
#pragma HLS INLINE
  Int<Spec::gradient_bits> gradient[Spec::columns];
#pragma HLS ARRAY_PARTITION variable = gradient complete
clear:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
    gradient[j] = 0;
  }
rows:
  for (int i = 0; i < Spec::unit_size; ++i) {
#pragma HLS PIPELINE II = 1
    const auto sum = dot<Spec::accumulator_bits>(h[i], z);
    const auto e = bracket<Spec>(sum, cells, i);
    accumulate<Spec::gradient_bits>(gradient, h[i], Operand<Spec::residual_bits>(e));
    wires.accumulator[i] = sum;
    wires.residual[i] = e;
  }
copy:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
    wires.gradient[j] = gradient[j];
  }
}

}  // namespace bitfold
