// SPDX-License-Identifier: Apache-2.0
// The parameters of the head `purchases`, as fitted and as stored.
#pragma once

namespace ensue::artifact {

/// How often customers buy and when they stop (BG/NBD; Fader, Hardie & Lee
/// 2005, 10.1287/mksc.1040.0098). While alive a customer buys at rate l, drawn
/// from Gamma(shape r, rate alpha); after every purchase it stops for good
/// with chance p, drawn from Beta(a, b). All above 0.
struct BgNbd {
  double r = 1, alpha = 1, a = 1, b = 1;
};

/// What customers pay (Gamma-Gamma; Fader, Hardie & Lee 2005,
/// 10.1509/jmkr.2005.42.4.415). Each purchase is Gamma(shape p, rate v) with v
/// of the customer from Gamma(shape q, rate gamma). All above 0, q above 1 for
/// a mean to exist; all 0: not fitted, the log has no values.
struct GammaGamma {
  double p = 0, q = 0, gamma = 0;
  bool fitted() const noexcept { return p > 0; }
};

}  // namespace ensue::artifact
