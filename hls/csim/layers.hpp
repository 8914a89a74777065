// Layer by layer: every wire of every layer against the golden file.
// Golden model: fixedpoint/pgd.py, LayerWires.
#pragma once

#include <string>
#include <vector>

#include "inputs.hpp"

namespace bench {

// One layer's golden wires with their counts.
struct Layer {
  Layer(const VectorFile& file, const std::string& prefix, Tally& tally)
      : golden{&wire(file, prefix, "accumulator", Spec::accumulator_format, {kRows}),
               &wire(file, prefix, "residual", Spec::residual_format, {kRows}),
               &wire(file, prefix, "gradient", Spec::gradient_format, {kColumns}),
               &wire(file, prefix, "update", Spec::update_format, {kColumns}),
               &wire(file, prefix, "state", Spec::state_format, {kColumns}),
               &wire(file, prefix, "code", Spec::code_format, {kColumns}),
               &wire(file, prefix, "bits", Spec::bits_format, {kColumns, kBits})},
        count{&tally.wire(prefix + "accumulator"), &tally.wire(prefix + "residual"),
              &tally.wire(prefix + "gradient"),    &tally.wire(prefix + "update"),
              &tally.wire(prefix + "state"),       &tally.wire(prefix + "code"),
              &tally.wire(prefix + "bits")} {}

  static const Wire& wire(const VectorFile& file, const std::string& prefix, const char* name,
                          const char* format, std::vector<std::size_t> shape) {
    shape.insert(shape.begin(), {file.blocks, file.vectors});
    return require(file, prefix + name, format, shape);
  }

  void check(std::size_t v, const Wires& wires, const bitfold::PgdCode<Spec>& x) {
    Words words;
    slice_all(wires, words);
    compare(*count[0], *golden[0], v, wires.accumulator);
    compare(*count[1], *golden[1], v, wires.residual);
    compare(*count[2], *golden[2], v, wires.gradient);
    compare(*count[3], *golden[3], v, wires.update);
    compare(*count[4], *golden[4], v, wires.state);
    compare(*count[5], *golden[5], v, x);
    compare_bits(*count[6], *golden[6], v, words);
  }

  const Wire* golden[7];
  Count* count[7];
};

// Every wire of every layer up to `depth`.
inline void compare_layers(const VectorFile& file, const Inputs& in, int depth, Tally& tally) {
  std::vector<Layer> layers;
  for (int k = 0; k < depth; ++k) {
    layers.emplace_back(file, prefix_of(k), tally);
  }
  Matrix h;
  for (std::size_t v = 0; v < in.total; ++v) {
    if (v % in.vectors == 0) {
      fill(in, v / in.vectors, h);
    }
    const Received received = in.received(v);
    bitfold::PgdCode<Spec> x;
    for (auto& code : x) {
      code = 0;
    }
    for (int k = 0; k < depth; ++k) {
      Wires wires;
      bitfold::pgd_layer<Spec>(h, received.y, bitfold::pgd_constants<Spec>(k, received.index), x,
                               wires);
      layers[static_cast<std::size_t>(k)].check(v, wires, x);
    }
  }
}

}  // namespace bench
