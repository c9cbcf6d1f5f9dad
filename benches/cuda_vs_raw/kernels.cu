// The kernels of kernels.rs as CUDA C++ of the same semantics: the same bounds checks, no contraction (-fmad=false), the first failure
// reported and nothing else written. Otherwise as one writes CUDA by hand: plain parameters, `const __restrict__`.

typedef unsigned long long u64;
typedef unsigned int u32;

struct Errors {
  u32 state, site;
  u64 item, index, length;
};

#define KERNEL extern "C" __global__ void __launch_bounds__(256)
#define ITEM (u64(blockIdx.x) * 256 + threadIdx.x)

// At most one failure is reported.
__device__ __forceinline__ void fail(Errors *errors, u32 site, u64 item, u64 index, u64 length) {
  if (atomicExch(&errors->state, 1) != 0) return;
  errors->site = site;
  errors->item = item;
  errors->index = index;
  errors->length = length;
}

// `x[k]`, or the end of the work-item.
#define CHECK(k, length, site)                    \
  if ((k) >= (length)) {                          \
    fail(errors, site, item, k, length);          \
    return;                                       \
  }

KERNEL saxpy(u64 items, float a, const float *__restrict__ x, float *__restrict__ y) {
  const u64 item = ITEM;
  if (item >= items) return;
  y[item] += a * x[item];
}

KERNEL triad(u64 items, float s, const float *__restrict__ b, const float *__restrict__ c, float *__restrict__ a) {
  const u64 item = ITEM;
  if (item >= items) return;
  a[item] = b[item] + s * c[item];
}

struct Body {
  float place[3], speed[3], mass;
};

KERNEL nbody(u64 items, float dt, const Body *__restrict__ all, u64 length, const Body *__restrict__ now,
             Body *__restrict__ next) {
  const u64 item = ITEM;
  if (item >= items) return;
  const Body me = now[item];
  float pull[3] = {0, 0, 0};
  for (u64 k = 0; k < length; k++) {
    const Body &other = all[k];
    float d[3];
    for (int c = 0; c < 3; c++) d[c] = other.place[c] - me.place[c];
    float r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + 1e-2f;
    float strength = other.mass / (r2 * sqrtf(r2));
    for (int c = 0; c < 3; c++) pull[c] += strength * d[c];
  }
  Body moved = me;
  for (int c = 0; c < 3; c++) {
    moved.speed[c] = me.speed[c] + dt * pull[c];
    moved.place[c] = me.place[c] + dt * moved.speed[c];
  }
  next[item] = moved;
}

// One thread for each point of a plane, rows in blocks.
KERNEL stencil(u64 width, u64 height, const float *__restrict__ from, u64 length, float *__restrict__ to, Errors *errors) {
  const u64 x = ITEM, y = blockIdx.y;
  if (x >= width) return;
  const u64 item = y * width + x;
  const u64 here = item;
  CHECK(here, length, 0)
  float value = from[here];
  if (x > 0 && x + 1 < width && y > 0 && y + 1 < height) {
    CHECK(here - 1, length, 1)
    CHECK(here + 1, length, 2)
    CHECK(here - width, length, 3)
    CHECK(here + width, length, 4)
    value = 0.2f * (value + from[here - 1] + from[here + 1] + from[here - width] + from[here + width]);
  }
  to[item] = value;
}

KERNEL histogram(u64 items, u32 *counts, u64 length, const unsigned char *__restrict__ byte, Errors *errors) {
  const u64 item = ITEM;
  if (item >= items) return;
  const u64 k = byte[item];
  CHECK(k, length, 0)
  atomicAdd(&counts[k], 1);
}

struct ListNode {
  const ListNode *next;
  float value;
};

KERNEL list_walk(u64 items, const ListNode *head, const float *__restrict__ scale, float *__restrict__ sums) {
  const u64 item = ITEM;
  if (item >= items) return;
  float sum = 0;
  for (const ListNode *at = head; at; at = at->next) sum += at->value * scale[item];
  sums[item] = sum;
}

struct TreeNode {
  const TreeNode *left, *right;
  u32 key, value;
};

KERNEL tree_walk(u64 items, const TreeNode *root, const u32 *__restrict__ keys, u32 *__restrict__ values) {
  const u64 item = ITEM;
  if (item >= items) return;
  const u32 key = keys[item];
  u32 value = ~0u;
  for (const TreeNode *at = root; at;) {
    if (key == at->key) {
      value = at->value;
      break;
    }
    at = key < at->key ? at->left : at->right;
  }
  values[item] = value;
}
