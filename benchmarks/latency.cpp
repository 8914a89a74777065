// SPDX-License-Identifier: Apache-2.0
// One variant of PGD-Net and ADMM-Net as a shared library, with its clock, for latency_library.py.
//
// LATENCY_FP32 or LATENCY_VNNI chooses the variant; without either it is INT8 in plain C++.
#include <time.h>

#include <cstddef>

#if defined(LATENCY_FP32)
#include "latency_float.hpp"
using Pgd = latency::PgdFloat;
using Admm = latency::AdmmFloat;
#else
#include "latency_int8_pgd.hpp"
#if defined(LATENCY_VNNI)
#include "latency_vnni_admm.hpp"
using Pgd = latency::PgdInt8<latency::VnniProducts>;
using Admm = latency::AdmmVnni;
#else
#include "latency_int8_admm.hpp"
#include "latency_plain.hpp"
using Pgd = latency::PgdInt8<latency::PlainProducts>;
using Admm = latency::AdmmInt8<latency::PlainProducts>;
#endif
#endif

namespace {

using latency::kSize;

// `Together` vectors at a time, the rest by fewer.
template <class Net, int Together>
void detect(const typename Net::Block& block, const typename Net::Sample* y,
            const std::uint8_t* index, std::size_t vectors, typename Net::State* state,
            std::int8_t* code) {
  std::size_t b = 0;
  for (; b + Together <= vectors; b += Together) {
    const std::size_t at = b * kSize;
    Net::template detect<Together>(block, y + at, index + b, state + at, code + at);
  }
  if constexpr (Together > 1) {
    const std::size_t at = b * kSize;
    detect<Net, Together / 2>(block, y + at, index + b, vectors - b, state + at, code + at);
  }
}

template <class Net>
void run(const void* block, const void* y, const std::uint8_t* index, std::size_t vectors,
         void* state, std::int8_t* code) {
  detect<Net, Net::together>(*static_cast<const typename Net::Block*>(block),
                             static_cast<const typename Net::Sample*>(y), index, vectors,
                             static_cast<typename Net::State*>(state), code);
}

template <class Net>
void prepare(const float* h, float rho, void* block) {
  Net::prepare(h, rho, *static_cast<typename Net::Block*>(block));
}

template <class Net>
void matrices(const float* h, float rho, void* entries) {
  typename Net::Matrix made[Net::stored];
  Net::matrices(h, rho, made);
  std::memcpy(entries, &made, sizeof made);
}

template <class Net>
void pack(const void* entries, void* block) {
  typename Net::Matrix given[Net::stored];
  std::memcpy(&given, entries, sizeof given);
  Net::pack(given, *static_cast<typename Net::Block*>(block));
}

struct Network {
  std::size_t block_bytes;
  void (*prepare)(const float*, float, void*);
  void (*matrices)(const float*, float, void*);
  void (*pack)(const void*, void*);
  void (*run)(const void*, const void*, const std::uint8_t*, std::size_t, void*, std::int8_t*);
};

template <class Net>
constexpr Network network = {sizeof(typename Net::Block), prepare<Net>, matrices<Net>, pack<Net>,
                             run<Net>};

constexpr Network kNetworks[] = {network<Pgd>, network<Admm>};

double cpu_nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

// 0, but only once the result that starts at `written` is there: what adds it to an address waits.
std::size_t after(const void* written) {
  unsigned char first;
  std::memcpy(&first, written, 1);
  std::size_t none = first;
  asm volatile("" : "+r"(none));
  std::size_t mask = 0;
  asm volatile("" : "+r"(mask));
  return none & mask;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

// True if the processor has every instruction of the VNNI variant.
bool latency_has_vnni() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}

std::size_t latency_block_bytes(int network) { return kNetworks[network].block_bytes; }

void latency_prepare(int network, const float* h, float rho, void* block) {
  kNetworks[network].prepare(h, rho, block);
}

// What a preparation packs: H, or F' above P; float32 in FP32, int32 in INT8.
void latency_matrices(int network, const float* h, float rho, void* entries) {
  kNetworks[network].matrices(h, rho, entries);
}

// A block of such matrices that come from elsewhere.
void latency_pack(int network, const void* entries, void* block) {
  kNetworks[network].pack(entries, block);
}

// The last layer's state, and in INT8 its code.
void latency_run(int network, const void* block, const void* y, const std::uint8_t* index,
                 std::size_t vectors, void* state, std::int8_t* code) {
  kNetworks[network].run(block, y, index, vectors, state, code);
}

// CPU time of `calls` runs, each of which waits for the state of the one before. Run c uses the
// block of number slots[c] in the array `blocks`.
double latency_time_run(int network, const void* blocks, const std::uint32_t* slots,
                        std::size_t calls, const void* y, const std::uint8_t* index,
                        std::size_t vectors, void* state, std::int8_t* code) {
  const Network& net = kNetworks[network];
  const auto* first = static_cast<const char*>(blocks);
  const double start = cpu_nanoseconds();
  for (std::size_t c = 0; c < calls; ++c) {
    const std::size_t wait = after(state);
    net.run(first + slots[c] * net.block_bytes + wait, static_cast<const char*>(y) + wait, index,
            vectors, state, code);
  }
  return cpu_nanoseconds() - start;
}

// CPU time of `calls` preparations of one block, each of which waits for the one before.
double latency_time_prepare(int network, const float* h, float rho, void* block,
                            std::size_t calls) {
  const Network& net = kNetworks[network];
  const double start = cpu_nanoseconds();
  for (std::size_t c = 0; c < calls; ++c) {
    net.prepare(h + after(block), rho, block);
  }
  return cpu_nanoseconds() - start;
}

}  // extern "C"
#pragma GCC visibility pop
