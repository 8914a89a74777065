// SPDX-License-Identifier: Apache-2.0
// The two exact products of the engine, on one row of a matrix: a dot product and an outer-product
// step. Golden model: the products with a matrix in fixedpoint/program/views/golden.py.
#pragma once

#include "types.hpp"

namespace bitfold {

// sum of a[j] * b[j], exact. Sum: a width that holds it and every partial sum.
template <int Sum, int Size, class A, class B>
Int<Sum> dot(const A (&a)[Size], const B (&b)[Size]) {
#pragma HLS INLINE
  Int<Sum> sum = 0;
terms:
  for (int j = 0; j < Size; ++j) {
#pragma HLS UNROLL
    sum += multiply<Sum>(a[j], b[j]);
  }
  return sum;
}

// sum[j] += a[j] * factor, exact: one row's share of the product with the transpose.
template <int Sum, int Size, class A, class B>
void accumulate(Int<Sum> (&sum)[Size], const A (&a)[Size], B factor) {
#pragma HLS INLINE
terms:
  for (int j = 0; j < Size; ++j) {
#pragma HLS UNROLL
    sum[j] += multiply<Sum>(a[j], factor);
  }
}

// sum[j] = sum over i of a[i][j] * factors[i], exact: a product with the transpose, a row a cycle.
template <int Sum, int Rows, int Columns, class A, class B>
void column_pass(const A (&a)[Rows][Columns], const B (&factors)[Rows], Int<Sum> (&sum)[Columns]) {
#pragma HLS INLINE
clear:
  for (int j = 0; j < Columns; ++j) {
#pragma HLS UNROLL
    sum[j] = 0;
  }
rows:
  for (int i = 0; i < Rows; ++i) {
#pragma HLS PIPELINE II = 1
    accumulate<Sum>(sum, a[i], factors[i]);
  }
}

}  // namespace bitfold
