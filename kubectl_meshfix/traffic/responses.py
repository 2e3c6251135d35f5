"""THE table of what a caller gets when something stands in the way (`source/common/http/codes.cc`, response flags and details of Envoy)."""
