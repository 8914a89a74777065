// The two exact products of the engine, on one row of H: a dot product and an outer-product step.
// Golden model: fixedpoint/pgd.py and fixedpoint/distributed.py (accumulator, gradient).
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

}  // namespace bitfold
