# libtorch as one target, its slow header compiled once.
#
# Debian's Torch is found without its CUDA and Python parts; its include
# folders are system folders here, so that -Werror judges our code alone.
find_package(Torch REQUIRED)
add_library(ensue_torch INTERFACE)
add_library(ensue::torch ALIAS ensue_torch)
target_include_directories(ensue_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(ensue_torch INTERFACE ${TORCH_LIBRARIES})
target_compile_definitions(ensue_torch INTERFACE
  ENSUE_TORCH_VERSION="${Torch_VERSION}")
if(ENSUE_TESTS)
  ensue_test_pch(ensue_torch_test_pch ensue_torch ${PROJECT_SOURCE_DIR}/ensue/nn/torch.h)
  target_link_libraries(ensue_torch_test_pch PRIVATE ensue::flags)
endif()
