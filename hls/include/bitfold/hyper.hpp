// SPDX-License-Identifier: Apache-2.0
// The hyper-network: the run-time scales of a unit from the image [H_c | y_c].
// Golden model: fixedpoint/detectors/hyper.py; fig. 3 of the HPD/FPD paper.
#pragma once

#include "dot.hpp"
#include "lookup.hpp"
#include "requantize.hpp"
#include "types.hpp"

namespace bitfold {

// Length after a convolution of width 3, stride 2 and padding 1.
constexpr int halved(int length) { return (length + 1) / 2; }

// The shapes of the image and of the two maps.
template <class Spec>
struct HyperSizes {
  static constexpr int columns = Spec::columns + 1;
  static constexpr int rows1 = halved(Spec::unit_size);
  static constexpr int columns1 = halved(columns);
  static constexpr int rows2 = halved(rows1);
  static constexpr int columns2 = halved(columns1);
  static constexpr int pixels1 = Spec::Conv1::outputs * rows1 * columns1;
  static constexpr int pixels2 = Spec::Conv2::outputs * rows2 * columns2;
};

// Every wire of the network: its layers, maps by channel, row, column, then the scales of all the
// detector's layers, which are its constants.
template <class Spec>
struct HyperWires {
  UInt<Spec::Conv1::output_bits> conv1[HyperSizes<Spec>::pixels1];
  UInt<Spec::Conv2::output_bits> conv2[HyperSizes<Spec>::pixels2];
  UInt<Spec::Dense1::output_bits> dense1[Spec::Dense1::outputs];
  Int<Spec::Dense2::output_bits> dense2[Spec::Dense2::outputs];
  Int<Spec::step_bits> step[Spec::layers];
  Int<Spec::quartic_scale_bits> quartic_scale[Spec::layers];
  Int<Spec::quartic_step_bits> quartic_step[Spec::layers];
  Int<Spec::gaussian_scale_bits> gaussian_scale[Spec::layers];
  Int<Spec::gaussian_step_bits> gaussian_step[Spec::layers];
  Int<Spec::cosine_step_bits> cosine_step[Spec::layers];
  Int<Spec::phi_bits> phi[Spec::layers];
};

// The exact sums of a layer before its inputs.
template <class Layer>
void start_sums(Int<Layer::work_bits> (&sums)[Layer::outputs]) {
#pragma HLS INLINE
outputs:
  for (int o = 0; o < Layer::outputs; ++o) {
#pragma HLS UNROLL
    sums[o] = Layer::biases[o];
  }
}

// A 3x3 convolution of stride 2 with padding 1 of zeros, and the ReLU: saturation at 0. The result
// is flattened by channel, row, column. Each tap adds its share to all output channels at once.
template <class Layer, class Pixel, int Channels, int Rows, int Columns>
void convolve(const Pixel (&in)[Channels][Rows][Columns],
              UInt<Layer::output_bits> (&out)[Layer::outputs * halved(Rows) * halved(Columns)]) {
#pragma HLS INLINE
  static_assert(Layer::inputs == 9 * Channels, "a convolution has nine weights an input channel");
  Int<Layer::work_bits> sums[Layer::outputs];
#pragma HLS ARRAY_PARTITION variable = sums complete
rows:
  for (int i = 0; i < halved(Rows); ++i) {
  columns:
    for (int j = 0; j < halved(Columns); ++j) {
      start_sums<Layer>(sums);
    taps:
      for (int t = 0; t < Layer::inputs; ++t) {
#pragma HLS PIPELINE II = 1
        const int row = 2 * i + t / 3 % 3 - 1;
        const int column = 2 * j + t % 3 - 1;
        if (row >= 0 && row < Rows && column >= 0 && column < Columns) {
          accumulate<Layer::work_bits>(sums, Layer::weights[t], in[t / 9][row][column]);
        }
      }
    outputs:
      for (int o = 0; o < Layer::outputs; ++o) {
#pragma HLS UNROLL
        out[(o * halved(Rows) + i) * halved(Columns) + j] =
            requantize_unsigned<Layer::shift, Layer::work_bits, Layer::output_bits>(sums[o]);
      }
    }
  }
}

// The exact sums of a dense layer.
template <class Layer, class Input, int Inputs>
void dense(const Input (&in)[Inputs], Int<Layer::work_bits> (&sums)[Layer::outputs]) {
#pragma HLS INLINE
  static_assert(Layer::inputs == Inputs, "a dense layer has a weight for each input and output");
  start_sums<Layer>(sums);
inputs:
  for (int i = 0; i < Inputs; ++i) {
#pragma HLS PIPELINE II = 1
    accumulate<Layer::work_bits>(sums, Layer::weights[i], in[i]);
  }
}

// H_c as it is, and in the last column the converter's levels.
template <class Spec, class Entry, class Code>
void hyper_image(const Entry (&h)[Spec::unit_size][Spec::columns],
                 const Code (&codes)[Spec::unit_size], int entry,
                 Int<Spec::image_bits> (&image)[1][Spec::unit_size][Spec::columns + 1]) {
#pragma HLS INLINE
  const auto& levels = Spec::levels[entry];
rows:
  for (int i = 0; i < Spec::unit_size; ++i) {
#pragma HLS PIPELINE II = 1
  entries:
    for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
      image[0][i][j] = static_cast<Int<Spec::image_bits>>(h[i][j]);
    }
    const Int<Spec::level_work_bits> level = levels[static_cast<int>(codes[i])];
    image[0][i][Spec::columns] =
        requantize<Spec::level_shift, Spec::level_work_bits, Spec::image_bits>(level);
  }
}

// An output through its table.
template <class Spec, class Table>
auto head(Int<Spec::Dense2::output_bits> raw) {
#pragma HLS INLINE
  return lookup<Table, 0, Spec::Dense2::output_bits>(raw, Table::values);
}

// The scales of all layers from the network's outputs, seven a layer.
template <class Spec>
void hyper_scales(HyperWires<Spec>& wires) {
#pragma HLS INLINE
layers:
  for (int k = 0; k < Spec::layers; ++k) {
#pragma HLS PIPELINE II = 1
    const auto* raw = &wires.dense2[7 * k];
    wires.step[k] = head<Spec, typename Spec::StepHead>(raw[0]);
    const auto mu2 = head<Spec, typename Spec::Mu2Head>(raw[1]);
    const auto mu3 = head<Spec, typename Spec::Mu3Head>(raw[2]);
    wires.cosine_step[k] = head<Spec, typename Spec::CosineStepHead>(raw[3]);
    wires.quartic_scale[k] = head<Spec, typename Spec::QuarticScaleHead>(raw[4]);
    wires.gaussian_scale[k] = head<Spec, typename Spec::GaussianScaleHead>(raw[5]);
    wires.phi[k] = head<Spec, typename Spec::PhiHead>(raw[6]);
    wires.quartic_step[k] =
        requantize<Spec::quartic_product_shift, Spec::quartic_product_bits,
                   Spec::quartic_step_bits>(
            multiply<Spec::quartic_product_bits>(mu2, wires.quartic_scale[k]));
    wires.gaussian_step[k] =
        requantize<Spec::gaussian_product_shift, Spec::gaussian_product_bits,
                   Spec::gaussian_step_bits>(
            multiply<Spec::gaussian_product_bits>(mu3, wires.gaussian_scale[k]));
  }
}

// The network: image, two convolutions, two dense layers, and the tables of its outputs.
template <class Spec, class Entry, class Code>
void hyper_network(const Entry (&h)[Spec::unit_size][Spec::columns],
                   const Code (&codes)[Spec::unit_size], int entry, HyperWires<Spec>& wires) {
#pragma HLS INLINE
  using Sizes = HyperSizes<Spec>;
  using Conv1 = typename Spec::Conv1;
  using Dense1 = typename Spec::Dense1;
  using Dense2 = typename Spec::Dense2;
  Int<Spec::image_bits> image[1][Spec::unit_size][Sizes::columns];
  hyper_image<Spec>(h, codes, entry, image);
  convolve<Conv1>(image, wires.conv1);
  UInt<Conv1::output_bits> map[Conv1::outputs][Sizes::rows1][Sizes::columns1];
unflatten:
  for (int i = 0; i < Sizes::pixels1; ++i) {
#pragma HLS PIPELINE II = 1
    map[i / (Sizes::rows1 * Sizes::columns1)][i / Sizes::columns1 % Sizes::rows1]
       [i % Sizes::columns1] = wires.conv1[i];
  }
  convolve<typename Spec::Conv2>(map, wires.conv2);
  Int<Dense1::work_bits> hidden[Dense1::outputs];
  dense<Dense1>(wires.conv2, hidden);
relu:
  for (int o = 0; o < Dense1::outputs; ++o) {
#pragma HLS UNROLL
    wires.dense1[o] =
        requantize_unsigned<Dense1::shift, Dense1::work_bits, Dense1::output_bits>(hidden[o]);
  }
  Int<Dense2::work_bits> output[Dense2::outputs];
  dense<Dense2>(wires.dense1, output);
round:
  for (int o = 0; o < Dense2::outputs; ++o) {
#pragma HLS UNROLL
    wires.dense2[o] = requantize<Dense2::shift, Dense2::work_bits, Dense2::output_bits>(output[o]);
  }
  hyper_scales<Spec>(wires);
}

}  // namespace bitfold
