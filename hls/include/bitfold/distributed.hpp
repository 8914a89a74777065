// SPDX-License-Identifier: Apache-2.0
// Layers of a detector with distributed units: its units and the fusion node.
// Golden model: fixedpoint/detectors/units.py. `Unit` is Hpd<Spec> or Fpd<Spec>.
#pragma once

#include "fusion.hpp"
#include "unit_rows.hpp"

namespace bitfold {

// What a unit keeps of one received vector.
template <class Unit>
struct UnitVector {
  UnitCells<typename Unit::Spec> cells;
  typename Unit::Theta theta;
};

// The wires of one layer of one unit but its estimate. What nobody reads, the compiler removes.
template <class Unit>
struct UnitWires {
  UnitRows<typename Unit::Spec> rows;
  typename Unit::Columns columns;
};

// Cells and constants for the codes of one vector.
template <class Unit>
void unit_receive(const UnitMatrix<typename Unit::Spec>& h,
                  const UnitCodes<typename Unit::Spec>& codes,
                  UInt<Unit::Spec::index_bits> index, UnitVector<Unit>& vector) {
#pragma HLS INLINE
  vector.cells = unit_cells<typename Unit::Spec>(codes, index);
  Unit::prepare(h, codes, index, vector.theta);
}

// One layer of one unit, from z to its estimate.
template <class Unit>
void unit_layer(int layer, const UnitMatrix<typename Unit::Spec>& h, const UnitVector<Unit>& vector,
                const Point<typename Unit::Spec>& z, UnitWires<Unit>& wires,
                Int<Unit::Spec::state_bits> (&estimate)[Unit::Spec::columns]) {
#pragma HLS INLINE
  unit_rows<typename Unit::Spec>(h, vector.cells, z, wires.rows);
  Unit::columns(layer, vector.theta, z, wires.rows, wires.columns, estimate);
}

// H of all units.
template <class Spec>
using UnitMatrices = UnitMatrix<Spec>[Spec::units];

// One layer of all units, at once in hardware, and of the fusion node.
template <class Unit>
void distributed_layer(int layer, const UnitMatrices<typename Unit::Spec>& h,
                       const UnitVector<Unit> (&vectors)[Unit::Spec::units],
                       Fusion<typename Unit::Spec>& fusion,
                       UnitWires<Unit> (&wires)[Unit::Spec::units],
                       Estimates<typename Unit::Spec>& estimates) {
#pragma HLS INLINE
units:
  for (int c = 0; c < Unit::Spec::units; ++c) {
#pragma HLS UNROLL
    unit_layer<Unit>(layer, h[c], vectors[c], fusion.point, wires[c], estimates[c]);
  }
  fuse<typename Unit::Spec>(layer, estimates, fusion);
}

}  // namespace bitfold
