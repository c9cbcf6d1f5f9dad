// The kernels of backends/tests/golden/ptx as CUDA C++ of the same semantics: the same parameters, the same checks, the same error
// block. Compiled with -fmad=false, since Rust contracts nothing.

typedef unsigned long long u64;
typedef unsigned int u32;

struct Errors {
  u32 state, unused[3], kind, site;
  u64 item, first, second;
};

struct Head {
  Errors *errors;
  u64 first, count, threads, extent_x, extent_y;
};

template <class T> struct Slice {
  T *data;
  u64 length;
};

#define LB_ENTRY extern "C" __global__ void __launch_bounds__(256)
// Where a failure ends: at most one is reported.
#define LB_BEGIN                                                                      \
  const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;                                  \
  u32 site = 0;                                                                       \
  u64 v0 = 0, v1 = 0;                                                                 \
  if (i >= l.head.threads) return;
#define LB_CHECK(ok, s, a, b)                                                         \
  if (!(ok)) {                                                                        \
    site = s;                                                                         \
    v0 = a;                                                                           \
    v1 = b;                                                                           \
    goto failed;                                                                      \
  }
#define LB_END                                                                        \
  return;                                                                             \
  failed:                                                                             \
  if (atomicExch(&l.head.errors->state, 1) != 0) return;                              \
  l.head.errors->kind = 1;                                                            \
  l.head.errors->site = site;                                                         \
  l.head.errors->item = l.head.first + i;                                             \
  l.head.errors->first = v0;                                                          \
  l.head.errors->second = v1;

struct Saxpy {
  Head head;
  float a;
  const float *__restrict__ x;
  float *__restrict__ y;
};
LB_ENTRY saxpy(const __grid_constant__ Saxpy l) {
  const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
  if (i >= l.head.threads) return;
  const float *__restrict__ x = l.x;
  float *__restrict__ y = l.y;
  y[i] += l.a * x[i];
}

struct Gather {
  Head head;
  const u32 *from;
  Slice<const float> table;
  float *out;
};
LB_ENTRY gather(const __grid_constant__ Gather l) {
  LB_BEGIN {
    u64 k = __ldg(&l.from[i]);
    LB_CHECK(k < l.table.length, 0, k, l.table.length)
    l.out[i] = __ldg(&l.table.data[k]);
  }
  LB_END
}

struct Sums {
  Head head;
  Slice<const float> x;
  Slice<float> out;
};
LB_ENTRY sums(const __grid_constant__ Sums l) {
  LB_BEGIN {
    float *out = l.out.data + i * l.out.length;
    for (u64 k = 0; k < l.x.length; k++) {
      float x = __ldg(&l.x.data[k]);
      LB_CHECK(0 < l.out.length, 1, 0, l.out.length)
      out[0] += x;
    }
  }
  LB_END
}

struct Body {
  float place[3], speed[3], mass;
};
struct Nbody {
  Head head;
  Slice<const Body> all;
  Body *next;
  float dt;
};
LB_ENTRY nbody(const __grid_constant__ Nbody l) {
  const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
  if (i >= l.head.threads) return;
  Body *next = l.next + i;
  float sum[3] = {0, 0, 0};
  for (u64 k = 0; k < l.all.length; k++) {
    const Body *other = l.all.data + k;
    float d[3], r2;
    for (int c = 0; c < 3; c++) d[c] = __ldg(&other->place[c]) - next->place[c];
    r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + 1e-2f;
    float strength = __ldg(&other->mass) / (r2 * sqrtf(r2));
    for (int c = 0; c < 3; c++) sum[c] += strength * d[c];
  }
  for (int c = 0; c < 3; c++) {
    next->speed[c] += l.dt * sum[c];
    next->place[c] += l.dt * next->speed[c];
  }
}

struct Histogram {
  Head head;
  Slice<u32> counts;
  const unsigned char *x;
};
LB_ENTRY histogram(const __grid_constant__ Histogram l) {
  LB_BEGIN {
    u64 k = __ldg(&l.x[i]);
    LB_CHECK(k < l.counts.length, 0, k, l.counts.length)
    atomicAdd(&l.counts.data[k], 1);
  }
  LB_END
}

struct Bytes {
  Head head;
  const unsigned char *x;
  unsigned char *y;
};
LB_ENTRY bytes(const __grid_constant__ Bytes l) {
  const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
  if (i >= l.head.threads) return;
  l.y[i] = __ldg(&l.x[i]) / 2 + l.y[i] % 3;
}

struct Stencil {
  Head head;
  Slice<const float> grid;
  u64 width;
  float *out;
};
LB_ENTRY stencil(const __grid_constant__ Stencil l) {
  LB_BEGIN {
    u64 number = l.head.first + i, y, x;
    if (((number | l.head.extent_x) >> 32) == 0) {
      y = u32(number) / u32(l.head.extent_x);
      x = u32(number) % u32(l.head.extent_x);
    } else {
      y = number / l.head.extent_x;
      x = number % l.head.extent_x;
    }
    LB_CHECK(__umul64hi(y, l.width) == 0, 0, 0, 0)
    u64 row = y * l.width, here = row + x;
    LB_CHECK(here >= row, 1, 0, 0)
    float result = 0;
    if (here > 0) {
      LB_CHECK(here + 1 >= here, 2, 0, 0)
      if (here + 1 < l.grid.length) {
        const float *g = l.grid.data + here;
        result = 0.5f * __ldg(g) + 0.25f * (__ldg(g - 1) + __ldg(g + 1));
      }
    }
    l.out[i] = result;
  }
  LB_END
}

struct Matmul {
  Head head;
  Slice<const float> row, other;
  Slice<float> out;
};
LB_ENTRY matmul(const __grid_constant__ Matmul l) {
  LB_BEGIN {
    const float *row = l.row.data + i * l.row.length;
    float *out = l.out.data + i * l.out.length;
    u64 columns = l.out.length;
    for (u64 j = 0; j < columns; j++) {
      float sum = 0;
      for (u64 k = 0; k < l.row.length; k++) {
        float a = __ldg(&row[k]);
        LB_CHECK(__umul64hi(k, columns) == 0, 0, 0, 0)
        u64 first = k * columns, at = first + j;
        LB_CHECK(at >= first, 1, 0, 0)
        LB_CHECK(at < l.other.length, 2, at, l.other.length)
        sum += a * __ldg(&l.other.data[at]);
      }
      out[j] = sum;
    }
  }
  LB_END
}

struct Searched {
  Head head;
  const u32 *x;
  Slice<const u32> sorted;
  u32 *out;
};
LB_ENTRY searched(const __grid_constant__ Searched l) {
  LB_BEGIN {
    u64 low = 0, high = l.sorted.length;
    while (low < high) {
      u64 middle = low + (high - low) / 2;
      LB_CHECK(middle >= low, 0, 0, 0)
      LB_CHECK(middle < l.sorted.length, 1, middle, l.sorted.length)
      if (__ldg(&l.sorted.data[middle]) < __ldg(&l.x[i]))
        low = middle + 1;
      else
        high = middle;
    }
    l.out[i] = u32(low);
  }
  LB_END
}

struct Doubles {
  Head head;
  const double *x;
  struct Pair {
    double second;
    u32 first;
  } *y;
};
LB_ENTRY doubles(const __grid_constant__ Doubles l) {
  const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
  if (i >= l.head.threads) return;
  double x = __ldg(&l.x[i]);
  double y = fmax(sqrt(x * x + 1.0), l.y[i].second);
  l.y[i].second = y;
  l.y[i].first = y != y ? 0 : __double2uint_rz(y);
}

struct Hash {
  Head head;
  const u32 *x;
  u32 *y;
};
LB_ENTRY hash(const __grid_constant__ Hash l) {
  const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
  if (i >= l.head.threads) return;
  l.y[i] = u32((__ldg(&l.x[i]) * 0x9e3779b97f4a7c15ull) >> 32);
}

struct Numbers {
  Head head;
  u32 *y;
};
LB_ENTRY numbers(const __grid_constant__ Numbers l) {
  const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
  if (i >= l.head.threads) return;
  l.y[i] = u32(l.head.first + i);
}

struct Dot {
  Head head;
  const float *a, *b;
  float *out;
};
LB_ENTRY dot(const __grid_constant__ Dot l) {
  const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
  if (i >= l.head.threads) return;
  float sum = 0;
  bool any = false;
  for (u64 k = i;;) {
    float term = __ldg(&l.a[k]) * __ldg(&l.b[k]);
    sum = any ? sum + term : term;
    any = true;
    k += l.head.threads;
    if (k >= l.head.count) break;
  }
  l.out[i] = sum;
}
