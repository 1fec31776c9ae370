// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/presets.h"

namespace ensue::data {

const Catalog<Preset>& presets() {
  static const Catalog<Preset> list("preset", {
                                                  {"sasrec-text"},
                                                  {"movielens-ordered"},
                                                  {"movielens-unordered"},
                                                  {"recbole-atomic"},
                                                  {"user-item-day"},
                                                  {"session-lines"},
                                                  {"online-retail"},
                                                  {"cdnow"},
                                                  {"eshop-clothing"},
                                                  {"taobao"},
                                                  {"otto"},
                                              });
  return list;
}

}  // namespace ensue::data
