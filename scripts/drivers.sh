# Software Vulkan drivers for the tests, and what else judges them. Sourced by scripts/test; defines functions only.
#
#   lavapipe     Mesa's CPU driver, from the distribution: capable (f64, i64, import of host memory)
#   SwiftShader  the CPU driver inside Chromium: poor on purpose (no f64, no i64), so it stands for small GPUs
#   ptxas        no driver: NVIDIA's assembler, which judges the PTX that is generated
#
# Whatever cannot be installed ends in a hint that says what to do by hand.

# as_root CMD...: runs CMD as root: directly, or through sudo where it needs no password (or may ask for one).
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    sudo "$@"
  else
    return 1
  fi
}

# apt_refresh: fetches the package lists, once a run and only if something is missing.
apt_refresh() {
  [ -n "${apt_fresh:-}" ] || as_root apt-get update -qq || return 1
  apt_fresh=1
}

# lavapipe_icd: prints the path of lavapipe's driver description, or fails.
lavapipe_icd() {
  local file
  for file in /usr/share/vulkan/icd.d/lvp_icd*.json /usr/local/share/vulkan/icd.d/lvp_icd*.json \
    /etc/vulkan/icd.d/lvp_icd*.json; do
    [ -f "$file" ] && echo "$file" && return 0
  done
  return 1
}

# vulkan_loader: whether the Vulkan loader can be found.
vulkan_loader() {
  { ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null | grep -q 'libvulkan\.so\.1'
}

# install_lavapipe: makes sure that loader and driver are there.
install_lavapipe() {
  vulkan_loader && lavapipe_icd >/dev/null && return 0
  if command -v apt-get >/dev/null && apt_refresh &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      libvulkan1 mesa-vulkan-drivers >/dev/null && vulkan_loader && lavapipe_icd >/dev/null; then
    return 0
  fi
  cat >&2 <<'HINT'
No Vulkan software driver, and it could not be installed. Install the Vulkan loader and Mesa's lavapipe:
  Debian, Ubuntu   apt-get install libvulkan1 mesa-vulkan-drivers     (as root)
  Fedora           dnf install vulkan-loader mesa-vulkan-drivers
  Arch             pacman -S vulkan-icd-loader vulkan-swrast
HINT
  return 1
}

# swiftshader_icd FOLDER: prints the path of a usable SwiftShader description, or fails.
swiftshader_icd() {
  local file
  for file in "${LANDBRIDGE_SWIFTSHADER:-}" "$1"/usr/lib/chromium/vk_swiftshader_icd.json \
    /usr/lib/chromium/vk_swiftshader_icd.json /opt/google/chrome/vk_swiftshader_icd.json; do
    [ -n "$file" ] && [ -f "$file" ] && [ -f "$(dirname "$file")/libvk_swiftshader.so" ] &&
      realpath "$file" && return 0
  done
  return 1
}

# install_swiftshader FOLDER: unpacks Chromium's copy below FOLDER; nothing is installed on the system.
install_swiftshader() {
  swiftshader_icd "$1" >/dev/null && return 0
  rm -rf "$1" && mkdir -p "$1/deb"
  if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
    # The download may fail because the lists are missing or old: then once more with fresh ones.
    if (cd "$1/deb" && apt-get download -qq chromium-common 2>/dev/null) ||
      { apt_refresh && (cd "$1/deb" && apt-get download -qq chromium-common); }; then
      dpkg-deb -x "$1"/deb/chromium-common*.deb "$1/all" &&
        mkdir -p "$1/usr/lib/chromium" &&
        mv "$1"/all/usr/lib/chromium/*swiftshader* "$1/usr/lib/chromium/" &&
        rm -rf "$1/all" "$1/deb" && swiftshader_icd "$1" >/dev/null && return 0
    fi
  fi
  cat >&2 <<'HINT'
No SwiftShader, and it could not be fetched. It comes with every Chromium, Chrome and Electron: set
  LANDBRIDGE_SWIFTSHADER=/path/to/vk_swiftshader_icd.json     (libvk_swiftshader.so must be beside it)
On Debian: apt-get download chromium-common && dpkg-deb -x chromium-common*.deb FOLDER
HINT
  return 1
}

# install_ptxas FOLDER: unpacks the assembler of CUDA 13.0 to FOLDER/ptxas, from its package on PyPI; nothing else of CUDA is
# needed, and nothing is installed on the system.
install_ptxas() {
  "$1/ptxas" --version >/dev/null 2>&1 && return 0
  rm -rf "$1" && mkdir -p "$1/all"
  if python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$1/all" \
    'nvidia-cuda-nvcc==13.0.*' && python3 -m zipfile -e "$1"/all/*.whl "$1/all" &&
    mv "$1/all/nvidia/cu13/bin/ptxas" "$1/ptxas" && chmod +x "$1/ptxas" && rm -rf "$1/all" &&
    "$1/ptxas" --version >/dev/null; then
    return 0
  fi
  cat >&2 <<'HINT'
No ptxas, and it could not be fetched (that takes Python with pip). It comes with every CUDA toolkit; set
  LANDBRIDGE_PTXAS=/usr/local/cuda/bin/ptxas
or run the tests without LANDBRIDGE_REQUIRE_PTXAS: they skip what needs it.
HINT
  return 1
}

# install_nvcc FOLDER: unpacks the compiler of CUDA 13.0 below FOLDER (bin/nvcc), from its packages on PyPI, 105 MB: for the bench
# ptx_size, which compares with it. It needs a C++ compiler.
install_nvcc() {
  "$1/bin/nvcc" --version >/dev/null 2>&1 && return 0
  rm -rf "$1" && mkdir -p "$1/all"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$1/all" \
    'nvidia-cuda-nvcc==13.0.*' 'nvidia-nvvm==13.0.*' 'nvidia-cuda-crt==13.0.*' 'nvidia-cuda-runtime==13.0.*' \
    'nvidia-cuda-cccl==13.0.*' || return 1
  local wheel
  for wheel in "$1"/all/*.whl; do python3 -m zipfile -e "$wheel" "$1/all" || return 1; done
  mv "$1"/all/nvidia/cu13/* "$1" && rm -rf "$1/all" && chmod +x "$1"/bin/* "$1"/nvvm/bin/* && "$1/bin/nvcc" --version >/dev/null
}
